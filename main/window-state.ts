/** Where the window was, in a small file of its own; losing it costs nothing, so a damaged one is ignored. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const windowStateSchema = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().min(400).max(10_000),
  height: z.number().int().min(300).max(10_000),
  isMaximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

type Area = { x: number; y: number; width: number; height: number }

export const defaultWindowState: WindowState = { width: 1040, height: 720, isMaximized: false }

/** Forgets a position that no screen shows any more. */
export function readWindowState(path: string, screens: readonly Area[]): WindowState {
  const state = parse(path)
  const { x, y, ...rest } = state
  if (x === undefined || y === undefined) return rest
  const isVisible = screens.some(
    (area) => x + 100 > area.x && x + 100 < area.x + area.width && y >= area.y && y + 50 < area.y + area.height,
  )
  return isVisible ? state : rest
}

export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(path, JSON.stringify(state))
  } catch {
    // The next window opens where the system puts it.
  }
}

function parse(path: string): WindowState {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return defaultWindowState
  }
}
