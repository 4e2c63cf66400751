import type { Locator, Page } from '@playwright/test'

export function filesGrid(page: Page): Locator {
  return page.getByRole('grid', { name: 'Files' })
}

export function filesToolbar(page: Page): Locator {
  return page.getByRole('toolbar', { name: 'What is selected' })
}

export function row(page: Page, name: RegExp): Locator {
  return filesGrid(page).getByRole('row', { name })
}

/** As the system tells of files that are dragged over something, and dropped there. */
export async function dragOver(page: Page, target: Locator, names: readonly string[] = ['a.txt']): Promise<void> {
  await dispatch(page, target, 'dragover', names)
}

export async function drop(page: Page, target: Locator, names: readonly string[]): Promise<void> {
  await dispatch(page, target, 'dragover', names)
  await dispatch(page, target, 'drop', names)
}

async function dispatch(page: Page, target: Locator, type: string, names: readonly string[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer()
    for (const name of files) transfer.items.add(new File(['x'], name))
    return transfer
  }, names)
  await target.dispatchEvent(type, { dataTransfer })
}
