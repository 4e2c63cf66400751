/** What a drive says of its space and its speed, and how many drives look. */
import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test.use({ hasOwnBrowser: true })

test('the space of a drive is three amounts with their reasons, and how fast it is a drawing with a text', async ({
  ui,
  page,
}) => {
  await page.clock.install()
  await ui.open('full')
  const photos = ui.drive('Photos')
  const space = photos.getByRole('list', { name: 'Space on this computer' })
  await expect(photos).toContainText('12.4 GB of at most 20 GB on this computer')
  await expect(space.getByRole('listitem')).toContainText([
    'Not uploaded: 7 changes, 1.41 GB. Only on this computer.',
    'Kept offline: 2.1 GB. You chose',
    'Can be freed: 9.9 GB. The bucket has it too.',
  ])
  for (let second = 0; second < 50; second++) {
    const [up, down] = [second % 20 < 12 ? 3e6 + second * 1e5 : 0, second > 20 ? 1e6 * (second % 9) : 0]
    await page.evaluate(
      ([upload = 0, download = 0]) =>
        window.fake.setStatus('d1', { uploadBytesPerSecond: upload, downloadBytesPerSecond: download }),
      [up, down],
    )
    await page.clock.runFor(1000)
  }
  const drawing = photos.getByRole('img')
  await expect(drawing).toHaveAccessibleName(
    'In the last minute: uploads at 7.9 MB/s, at most 7.9 MB/s; downloads at 4 MB/s, at most 8 MB/s.',
  )
  await expect(photos).toContainText('7.9 MB/s')
  await ui.lookBothWays('drives-busy')
  await page.evaluate(() => window.fake.setStatus('d1', { uploadBytesPerSecond: 0, downloadBytesPerSecond: 0 }))
  await page.clock.runFor(61_000)
  await expect(drawing).toHaveAccessibleName('Nothing was transferred in the last minute.')
})

test('a drive that is idle is not drawn again', async ({ ui, page }) => {
  await page.clock.install()
  await ui.open('full')
  const count = await ui
    .drive('Contracts')
    .getByRole('img')
    .evaluateHandle((drawing) => {
      const seen = { changes: 0 }
      new MutationObserver((changes) => (seen.changes += changes.length)).observe(drawing, {
        ...{ subtree: true, childList: true, attributes: true, characterData: true },
      })
      return seen
    })
  await page.evaluate(() => window.fake.setStatus('d1', { uploadBytesPerSecond: 5e6 }))
  await page.clock.runFor(10_000)
  await expect(ui.drive('Photos').getByRole('img')).toHaveAccessibleName(/5 MB/)
  expect(await count.jsonValue()).toEqual({ changes: 0 })
})

test('thirty drives, with a name of 1,000 characters and one written from right to left, stay in their places', async ({
  ui,
  page,
}) => {
  test.slow()
  await ui.open('full')
  await page.evaluate(() => {
    const [first] = window.fake.state.drives
    if (!first) throw new Error('no drive')
    const names = [
      'x'.repeat(1000),
      'صور العطلة الصيفية في الجبال',
      ...Array.from({ length: 28 }, (_n, at) => `Drive ${at}`),
    ]
    const drives = names.map((name, at) => ({ ...first, drive: { ...first.drive, id: `n${at}`, name } }))
    window.fake.emit({ kind: 'drives:changed', drives })
  })
  await expect(page.getByRole('article')).toHaveCount(30)
  const overflow = await page.evaluate(
    () => [...document.querySelectorAll('main, article')].filter((one) => one.scrollWidth > one.clientWidth + 1).length,
  )
  expect(overflow).toBe(0)
  await ui.look({ name: 'drives-thirty' })
})
