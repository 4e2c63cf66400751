/** Every section of Settings, with what was typed wrong, what limits hold when, and the bundle for whoever helps. */
import { picture, zoomTo } from './testing/pictures.ts'
import { expect, test } from './testing/world.ts'

test.setTimeout(200_000)

test('every section of the settings, and what is wrong in them', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const { page } = window
  const sections = page.getByRole('navigation', { name: 'Sections' })
  const go = async (title: string): Promise<void> => {
    await sections.getByRole('button', { name: title }).click()
    await expect(page.getByRole('heading', { name: title, exact: true })).toBeInViewport()
    // What leads to the sections stays where it can be seen.
    await expect(sections).toBeInViewport({ ratio: 1 })
  }
  await window.show('Settings')
  await picture(app, window, 'settings-general')

  await test.step('limits, by the hour, and one that makes no sense', async () => {
    await go('Transfers')
    await page.getByRole('textbox', { name: /^Upload limit/ }).fill('much')
    await page.keyboard.press('Tab')
    await expect(page.getByText('Enter a number of megabytes a second')).toBeVisible()
    await page.getByRole('textbox', { name: /^Download limit/ }).fill('2.5')
    await page.keyboard.press('Tab')
    await page.getByRole('switch', { name: 'Limit only at certain hours' }).click()
    await expect(page.getByRole('group', { name: 'Days' })).toBeVisible()
    await picture(app, window, 'settings-transfers')
  })

  await test.step('a proxy whose address is wrong', async () => {
    await go('Proxy')
    await page.getByRole('radio', { name: 'This proxy' }).click()
    await page.getByRole('textbox', { name: 'Proxy for https' }).fill('not an address')
    await page.getByRole('button', { name: 'Save proxy' }).click()
    await expect(page.getByText('Enter an address such as')).toBeVisible()
    await picture(app, window, 'settings-proxy')
    await page.getByRole('radio', { name: 'No proxy' }).click()
  })

  await test.step('the rest, and the support bundle', async () => {
    await go('Cache')
    await picture(app, window, 'settings-cache')
    await go('Diagnostics')
    await picture(app, window, 'settings-diagnostics')
    await page.getByRole('button', { name: 'Show bundle…' }).click()
    const bundle = window.dialog('Support bundle')
    await expect(bundle.getByRole('region', { name: 'Contents of the bundle' })).toContainText('{')
    await picture(app, window, 'settings-support-bundle')
    await zoomTo(app, 2)
    await picture(app, window, 'settings-support-bundle-twice-the-size')
  })
})
