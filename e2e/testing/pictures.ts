/**
 * The real window as a person sees it, in light and in dark: kept in `test-results/app-pictures` to be looked at, and judged by a machine
 * for accessibility and for what does not fit. Which picture shows which state stands in docs/design.md.
 */
import { expect, type Page } from '@playwright/test'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { accessibilityFindings, darkRules } from '../../build/testing/accessibility.ts'
import { projectRoot, type RunningApp } from './running-app.ts'
import type { CloudMountWindow } from './window.ts'

const folder = path.join(projectRoot, 'test-results', 'app-pictures')

/** Both are taken before either is judged, so that a state that passes is in both. Leaves the window light. */
export async function picture(app: RunningApp, { page }: CloudMountWindow, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const theme of ['dark', 'light'] as const) {
    await turn(page, theme)
    await writeFile(path.join(folder, `${name}-${theme}.png`), await app.capture())
  }
  expect.soft(await accessibilityFindings(page), `${name}: accessibility`).toEqual([])
  expect.soft(await tooWide(page), `${name}: wider than its place`).toEqual([])
  await turn(page, 'dark')
  expect.soft(await accessibilityFindings(page, darkRules), `${name}: contrast in the dark`).toEqual([])
  await turn(page, 'light')
}

export async function zoomTo(app: RunningApp, factor: number): Promise<void> {
  await app.electron.evaluate(({ BrowserWindow }, zoom) => {
    for (const each of BrowserWindow.getAllWindows()) each.webContents.setZoomFactor(zoom)
  }, factor)
}

async function turn(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
  await page.evaluate(`(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    // A colour that is inherited goes from element to element, a frame each.
    do { await frame(); await frame() } while (document.getAnimations().length > 0)
  })()`)
}

/** The window and its dialogs scroll down and never to the side: of one that would, what stands beyond its edge. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('html, main, [role=dialog], [role=alertdialog]')]
    .filter((place) => place.scrollWidth > place.clientWidth)
    .map((place) => {
      const { left, right } = place.getBoundingClientRect()
      const isBeyond = (one) => one.getBoundingClientRect().right > right || one.getBoundingClientRect().left < left
      return [place, ...place.querySelectorAll('*')].filter((one) => isBeyond(one) || one === place)
        .slice(0, 4).map((one) => one.outerHTML.slice(0, 120)).join(' ← ')
    })`)
}
