import { expect } from '@playwright/test'
import { mineText, theirText } from './scenario-conflicts.ts'
import { test } from './window-page.ts'

test('conflicts are settled by keyboard alone, taken back, and settled again', async ({ ui, page }) => {
  await ui.open('conflicts')
  await page.keyboard.press('Control+5')
  await expect(page.getByRole('heading', { level: 1, name: 'Conflicts' })).toBeFocused()
  await page.getByRole('grid', { name: 'Conflicts' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.keyboard.press('t')
  const [asked] = (await ui.asked('conflict:resolve')) as { choices: { id: string; kind: string }[]; delayMs: number }[]
  expect(asked).toMatchObject({
    driveId: 'd2',
    delayMs: 8000,
    choices: [
      { id: '1', kind: 'theirs', revision: 'r1', theirsEtag: '"t1"' },
      { id: '3', kind: 'theirs' },
    ],
  })
  await expect(page.getByRole('row', { name: /budget.*Keeps theirs/ })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Keeping theirs for 2 files.' })).toBeVisible()
  await page.keyboard.press('Control+z')
  await expect(page.getByRole('row', { name: /budget.*Needs you/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  expect(await ui.asked('conflict:undo')).toEqual([{ driveId: 'd2', ids: ['1', '3'] }])
  await page.keyboard.press('Home')
  await page.keyboard.press('m')
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  expect(await ui.asked('conflict:undo')).toHaveLength(2)
})

test('the keys move, extend, take all and none; a click selects, also with Ctrl and Shift', async ({ ui, page }) => {
  await ui.open('many-conflicts')
  await ui.show('Conflicts')
  const grid = page.getByRole('grid', { name: 'Conflicts' })
  await expect(page.getByText('0 of 1,000 selected')).toBeVisible()
  await grid.focus()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('1,000 of 1,000 selected')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('End')
  await page.keyboard.press('Shift+ArrowUp')
  await page.keyboard.press('Shift+ArrowUp')
  await expect(page.getByText('3 of 1,000 selected')).toBeVisible()
  expect(await grid.getByRole('row').count()).toBeLessThan(40)
  await page.getByRole('searchbox', { name: 'Filter' }).fill('photos tile-0001')
  await expect(page.getByText('0 of 1 selected')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter' }).fill('folder 3/')
  await grid.getByRole('row').nth(1).click()
  await grid
    .getByRole('row')
    .nth(3)
    .click({ modifiers: ['Shift'] })
  await grid
    .getByRole('row')
    .nth(6)
    .click({ modifiers: ['Control'] })
  await expect(page.getByText(/^4 of/)).toBeVisible()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await expect(page.getByText('Keeping both for 4 files.')).toBeVisible()
})

test('a file that changed again is not settled, and says so', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).click()
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await expect(page.getByRole('row', { name: /budget.*Keeps mine/ })).toBeVisible()
  await page.evaluate(() => window.fake.conflicts.touch('d2', '1'))
  await expect(page.getByRole('row', { name: /budget.*Changed again: look once more/ })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'changed again meanwhile' })).toHaveCount(1)
})

test('what cannot be done is disabled, and left out of a batch in words', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /landlord/ }).click()
  await expect(page.getByRole('button', { name: 'Keep mine' })).toBeDisabled()
  await expect(page.getByText('Parts of mine were only in a version')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await expect(page.getByText('Keeping both for 5 files. 2 others cannot be settled this way')).toBeVisible()
})

test('a comparison goes on to the next one, and a failed choice is tried again', async ({ ui, page }) => {
  await ui.open('conflict-states')
  await ui.show('Conflicts')
  await page.getByRole('button', { name: 'Try again failed.txt' }).click()
  expect(await ui.asked('conflict:resolve')).toMatchObject([
    { driveId: 'd1', delayMs: 0, choices: [{ id: '4', kind: 'mine' }] },
  ])
  await page.getByRole('button', { name: 'Compare needs you.txt' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await page.keyboard.press('Alt+b')
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('needs you.txt')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Conflicts')
  await expect(page.getByRole('row', { name: /needs you.txt.*Keeps both/ })).toBeVisible()
})

test('a merge is saved only when every place is settled, and has what both sides wrote', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('button', { name: 'Compare 2026-11-20 budget.md' }).click()
  await page.getByRole('button', { name: 'Merge…' }).click()
  const save = page.getByRole('button', { name: 'Save merged version' })
  await expect(page.getByText('1 place of 1 still needs you.')).toBeVisible()
  await expect(save).toBeDisabled()
  await page.getByRole('button', { name: 'Both', exact: true }).click()
  await expect(save).toBeEnabled()
  await page.getByRole('textbox', { name: 'Merged version' }).press('Control+End')
  await page.keyboard.type('Written by hand')
  await save.click()
  const [asked] = (await ui.asked('conflict:merge')) as { text: string; seen: unknown }[]
  expect(asked?.seen).toEqual({ id: '1', revision: 'r1', theirsEtag: '"t1"' })
  const expected = theirText
    .replace(
      'Present: Ana, Jo\nRent: 1,240',
      'Present: Ana, Jo, Kim\nRent: 1,250 from January on\nPresent: Ana, Jo\nRent: 1,240',
    )
    .replace(/12\. .*/, mineText.match(/12\. .*/)?.[0] ?? '')
  expect(asked?.text).toBe(`${expected}Written by hand`)
  await expect(page.getByText('is saved. Mine and theirs stay')).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('final.png')
})

test('a merge of a file that changed again is not saved, and not lost', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('button', { name: 'Compare 2026-11-20 budget.md' }).click()
  await page.getByRole('button', { name: 'Merge…' }).click()
  await page.getByRole('button', { name: 'Keep as it is here' }).click()
  await page.evaluate(() => window.fake.conflicts.touch('d2', '1'))
  await page.getByRole('button', { name: 'Save merged version' }).click()
  await expect(page.getByRole('alert')).toContainText('changed again meanwhile')
  await expect(page.getByRole('textbox', { name: 'Merged version' })).toContainText('1,250 from January on')
})

test('a rule is saved with the drive, and removed in its dialog', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('row', { name: /budget/ }).click()
  await page.getByRole('button', { name: 'For this folder…' }).click()
  await page.getByRole('button', { name: 'From now on' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await ui.asked('drive:save')).toMatchObject([
    { drive: { id: 'd2', conflictRules: [{ path: 'meetings', policy: 'mine' }] } },
  ])
  await ui.show('Drives')
  await ui.drive('Contracts').getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  await page.getByRole('button', { name: 'More options' }).click()
  await page.getByRole('button', { name: 'Remove the rule for meetings' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect((await ui.asked('drive:save')).at(-1)).not.toHaveProperty('drive.conflictRules')
})

test('transfers, the tray and a notification lead to the conflicts', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Transfers')
  await page.getByRole('button', { name: 'Settle q3.xlsx…' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Conflicts' })).toBeFocused()
  await ui.show('Drives')
  await page.evaluate(() => window.fake.emit({ kind: 'screen:asked', screen: 'conflicts' }))
  await expect(page.getByRole('heading', { level: 1, name: 'Conflicts' })).toBeFocused()
  await expect(page.getByRole('button', { name: 'Conflicts', exact: true })).toHaveAccessibleDescription(
    '7 conflicts need you',
  )
})

test('a recovered file is restored, and removed only after a question', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.show('Conflicts')
  await page.getByRole('radio', { name: 'Recovered files' }).click()
  await page.getByRole('button', { name: 'Restore draft.png' }).click()
  await expect(page.getByText('Restored as “logo/draft.png (restored)” on “Contracts”.')).toBeVisible()
  await page.getByRole('button', { name: 'Remove old.zip…' }).click()
  await page.keyboard.press('Escape')
  expect(await ui.asked('recovered:remove')).toEqual([])
  await page.getByRole('button', { name: 'Remove old.zip…' }).click()
  await page.getByRole('button', { name: 'Remove for good' }).click()
  await expect(page.getByRole('button', { name: 'Restore old.zip' })).toHaveCount(0)
  expect(await ui.asked('recovered:remove')).toEqual([{ driveId: 'd2', ids: ['40'] }])
})
