/** 10,000 queued transfers while 500 of them change every 100 ms, as main sends them at most: reports what it costs, asserts no time. */
import { expect } from '@playwright/test'
import { test } from './window-page.ts'

const batches = 50

test('10,000 transfers that change: how long the list takes to open, and what holds the window up', async ({
  ui,
  page,
}) => {
  await page.addInitScript(() => {
    const tasks: number[] = []
    Object.assign(window, { longTasks: tasks })
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
  })
  await ui.open('many')
  const openMs = await page.evaluate(async () => {
    const button = [...document.querySelectorAll<HTMLElement>('nav button')].find((one) =>
      one.textContent.includes('Transfers'),
    )
    const began = performance.now()
    button?.click()
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    return performance.now() - began
  })
  await expect(page.getByRole('list', { name: 'Transfers' })).toBeVisible()
  const tasks = await page.evaluate(async (count) => {
    const { longTasks } = window as unknown as { longTasks: number[] }
    longTasks.length = 0
    const all = window.fake.state.transfers
    for (let batch = 0; batch < count; batch++) {
      const changed = all.slice((batch * 500) % all.length, ((batch * 500) % all.length) + 500).map((transfer) => ({
        ...transfer,
        doneBytes: batch,
        status: { state: 'running' as const, bytesPerSecond: 1000 * batch },
      }))
      window.fake.emit({ kind: 'transfers:changed', transfers: changed })
      await new Promise((done) => setTimeout(done, 100))
    }
    return longTasks
  }, batches)
  const rounded = tasks.map(Math.round).sort((a, b) => b - a)
  test.info().annotations.push({
    type: 'measured',
    description: `open ${Math.round(openMs)} ms; ${rounded.length} long tasks in ${batches} batches: ${rounded.slice(0, 8).join(', ')} ms`,
  })
  console.log(test.info().annotations.at(-1)?.description)
  await expect(page.getByRole('heading', { level: 1, name: 'Transfers' })).toBeVisible()
  await expect(page.getByRole('radio', { name: /Active/ })).toContainText('10,000')
})
