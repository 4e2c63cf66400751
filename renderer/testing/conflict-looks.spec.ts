import { expect } from '@playwright/test'
import { test } from './window-page.ts'

/** Conflicts, comparisons, merges, recovered files and versions: no accessibility finding, pictures in test-results. */
test('conflicts, selected and chosen', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('grid', { name: 'Conflicts' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await ui.lookBothWays('conflicts-selected')
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await ui.lookBothWays('conflicts-chosen')
  await page.getByRole('searchbox', { name: 'Filter' }).fill('nothing has this name')
  await ui.look({ name: 'conflicts-filtered-out' })
})

test('a text compared and merged', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).dblclick()
  await expect(page.getByText('differences. Mine is on the left.')).toBeVisible()
  await ui.lookBothWays('comparison-text')
  await page.getByRole('button', { name: 'Merge…' }).click()
  await expect(page.getByText('still need')).toBeVisible()
  await ui.lookBothWays('merge')
  await page.getByRole('button', { name: 'Theirs', exact: true }).click()
  await expect(page.getByText('Every place is settled')).toBeVisible()
  await ui.lookBothWays('merge-settled')
})

test('pictures, a large file, a deletion, and a version that is not whole', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  for (const [row, seen, name] of [
    [/final\.png/, 'Theirs: 48 × 32 pixels', 'comparison-images'],
    [/ceremony\.mov/, 'too large to be shown', 'comparison-large'],
    [/offer\.txt/, 'Next meeting: Monday', 'comparison-deleted'],
    [/landlord\.odt/, 'Parts of mine were only', 'comparison-not-whole'],
    [/q3\.xlsx/, 'A program has it open', 'comparison-open'],
  ] as const) {
    await page.getByRole('row', { name: row }).dblclick()
    await expect(page.getByText(seen)).toBeVisible()
    await ui.lookBothWays(name)
    await page.getByRole('button', { name: 'All conflicts' }).click()
  }
})

test('fetching theirs, and its failure', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.evaluate(() => (window.fake.conflicts.isContentSlow = true))
  await page.getByRole('row', { name: /budget/ }).dblclick()
  await expect(page.getByText('Fetching both sides')).toBeVisible()
  await ui.lookBothWays('comparison-fetching')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.evaluate(() => {
    window.fake.conflicts.isContentSlow = false
    window.fake.refusals.set('conflict:content', {
      code: 'offline',
      message:
        'The service does not answer, so the version in the bucket of “2026-11-20 budget.md” could not be fetched.',
      consequence: 'Both versions are kept.',
      remedy: 'Try again when the connection is back.',
    })
  })
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('could not be fetched')
  await ui.lookBothWays('comparison-failed')
})

test('a rule for a folder, and where it is listed', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).click()
  await page.getByRole('button', { name: 'For this folder…' }).click()
  await ui.lookBothWays('dialog-rule')
  await page.getByRole('button', { name: 'From now on' }).click()
  await ui.show('Drives')
  await ui.drive('Contracts').getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  await page.getByRole('button', { name: 'More options' }).click()
  await page.getByRole('button', { name: 'Remove the rule for meetings' }).scrollIntoViewIfNeeded()
  await ui.lookBothWays('dialog-drive-rules')
})

test('recovered files, a preview, and the question before a removal', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('radio', { name: 'Recovered files' }).click()
  await expect(page.getByRole('list', { name: 'Recovered files' }).getByRole('listitem')).toHaveCount(4)
  await ui.lookBothWays('recovered')
  await page.getByRole('button', { name: 'Preview 2026-11-13 staff.md' }).click()
  await expect(page.getByRole('dialog')).toContainText('Budget meeting')
  await ui.lookBothWays('recovered-preview')
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Remove old.zip…' }).click()
  await ui.lookBothWays('recovered-remove')
  await ui.open('many-conflicts')
  await ui.show('Conflicts')
  await page.getByRole('radio', { name: 'Recovered files' }).click()
  await expect(page.getByText('Nothing was discarded')).toBeVisible()
  await ui.look({ name: 'recovered-empty' })
})

test('the versions of a file, and deleted files', async ({ ui, page }) => {
  await ui.open('full')
  const open = async (item: string) => {
    await ui.drive('Contracts').getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: item }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
  }
  await open('Deleted files…')
  await expect(page.getByText('can be brought back')).toBeVisible()
  await ui.look({ name: 'dialog-deleted-empty' })
  await page.getByRole('button', { name: 'Done' }).click()
  await page.evaluate(() => {
    const at = (hours: number) => Date.now() - hours * 3_600_000
    const version = { kind: 'content' as const, isCurrent: false, sizeBytes: 12_400 }
    window.fake.versions = [
      { ...version, versionId: 'v4', isCurrent: true, modifiedAt: at(2), etag: '"4"' },
      { ...version, versionId: 'v3', kind: 'deleted', sizeBytes: 0, modifiedAt: at(3) },
      { ...version, versionId: 'v2', modifiedAt: at(30), etag: '"2"' },
      { ...version, versionId: 'v1', modifiedAt: at(900), sizeBytes: 9_100, etag: '"1"' },
    ]
    const deleted = { versionId: 'd', sizeBytes: 91_000, modifiedAt: at(90), deletedAt: at(5) }
    window.fake.deletedFiles = ['nda.docx', 'drafts/offer.odt', `${'a very long name '.repeat(20)}.txt`].map(
      (path) => ({
        ...deleted,
        path,
      }),
    )
  })
  await open('Versions…')
  await expect(page.getByText('current version')).toBeVisible()
  await ui.lookBothWays('dialog-versions')
  await page
    .getByRole('button', { name: /^Preview/ })
    .nth(1)
    .click()
  await expect(page.getByText('The text of v2.')).toBeVisible()
  await ui.look({ name: 'dialog-versions-preview' })
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect(page.getByText('is the current one again').last()).toBeVisible()
  await page.getByRole('button', { name: 'Done' }).click()
  await open('Deleted files…')
  await page.getByRole('checkbox', { name: 'nda.docx' }).check()
  await ui.lookBothWays('dialog-deleted')
  await page.getByRole('button', { name: 'Undelete 1 file' }).click()
  await expect(page.getByText('1 file is back.')).toBeVisible()
})

test('in a narrow window and at twice the size', async ({ ui, page }) => {
  await page.setViewportSize({ width: 620, height: 560 })
  await ui.open('conflict-states')
  await ui.show('Conflicts')
  await ui.look({ name: 'narrow-conflicts' })
  await page.getByRole('radio', { name: 'Recovered files' }).click()
  await ui.look({ name: 'narrow-recovered' })
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).dblclick()
  await expect(page.getByText('differences. Mine is on the left.')).toBeVisible()
  await ui.look({ name: 'narrow-comparison' })
  await page.getByRole('button', { name: 'Merge…' }).click()
  await expect(page.getByText('still need')).toBeVisible()
  await ui.look({ name: 'narrow-merge' })
  // Twice the size leaves half the room.
  await page.setViewportSize({ width: 520, height: 360 })
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).click()
  await ui.look({ name: 'zoomed-conflicts' })
  await page.getByRole('row', { name: /budget/ }).dblclick()
  await expect(page.getByText('differences. Mine is on the left.')).toBeVisible()
  await ui.look({ name: 'zoomed-comparison' })
})
