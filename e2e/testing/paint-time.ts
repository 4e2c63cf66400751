/** How long a person waits for what they asked for: from the act to the frame in which it is there. */
import type { Page } from '@playwright/test'

/**
 * In milliseconds. `act` and `isThere` are expressions of the page. Measured inside it, because every question of the test costs time of
 * its own. A frame's callbacks come before its layout and its painting; the first task after them is the end of both.
 */
export async function paintedAfter(page: Page, { act, isThere }: { act: string; isThere: string }): Promise<number> {
  return Number(
    await page.evaluate(`(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done))
      const begunAtMs = performance.now();
      ${act};
      do await frame()
      while (!(${isThere}))
      await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0) })
      return performance.now() - begunAtMs
    })()`),
  )
}
