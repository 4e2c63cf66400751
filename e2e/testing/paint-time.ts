/** How long a person waits for what they asked for: from the act to the frame in which it is there. */
import type { Page } from '@playwright/test'

/**
 * In milliseconds. `act` and `isThere` are expressions of the page. Measured inside it, because every question of the test costs time of
 * its own; two frames after the change the picture is on the screen.
 */
export async function paintedAfter(page: Page, { act, isThere }: { act: string; isThere: string }): Promise<number> {
  return Number(
    await page.evaluate(`(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done))
      const begunAtMs = performance.now();
      ${act};
      while (!(${isThere})) await frame()
      await frame()
      return performance.now() - begunAtMs
    })()`),
  )
}
