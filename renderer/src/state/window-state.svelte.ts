import { createContext } from 'svelte'
import type { Problem } from '../../../contracts/problem.ts'

export const screens = ['drives', 'files', 'accounts', 'transfers', 'conflicts', 'activity', 'settings'] as const
export type Screen = (typeof screens)[number]

export type Toast =
  | { id: number; kind: 'done'; message: string }
  | { id: number; kind: 'problem'; problem: Problem }
  /** Something that can be taken back until `atMs`. */
  | { id: number; kind: 'undo'; message: string; sinceMs: number; atMs: number; undo: () => void }

const toastMs = 5000

/** What this window is showing, and nothing main needs to know. */
export class WindowState {
  screen = $state<Screen>('drives')
  /** The passphrase of the key file is asked for. */
  isUnlockOpen = $state(false)
  /** A file whose conflict is to be settled; taken by the screen that shows conflicts. */
  askedConflict = $state.raw<{ driveId: string; path: string }>()
  toasts = $state.raw<readonly Toast[]>([])
  /** Ticks once a second, for “again in 12 s”. */
  nowMs = $state(Date.now())
  #nextToastId = 1

  /** Starts the clock; returns what stops it. */
  start(): () => void {
    const timer = setInterval(() => (this.nowMs = Date.now()), 1000)
    return () => clearInterval(timer)
  }

  /** Said once and gone: it never carries anything that has to be acted on. */
  say(message: string): void {
    const id = this.#nextToastId++
    this.toasts = [...this.toasts, { id, kind: 'done', message }]
    setTimeout(() => this.dismiss(id), toastMs)
  }

  /** A problem stays until it is dismissed. */
  complain(problem: Problem): void {
    const isShown = this.toasts.some((toast) => toast.kind === 'problem' && toast.problem.message === problem.message)
    if (!isShown) this.toasts = [...this.toasts, { id: this.#nextToastId++, kind: 'problem', problem }]
  }

  /** Stays until it is too late to take it back. */
  offerUndo(message: string, atMs: number, undo: () => void): void {
    const id = this.#nextToastId++
    const undoOnce = () => {
      this.dismiss(id)
      undo()
    }
    this.toasts = [...this.toasts, { id, kind: 'undo', message, sinceMs: Date.now(), atMs, undo: undoOnce }]
    setTimeout(() => this.dismiss(id), Math.max(0, atMs - Date.now()))
  }

  /** Takes the last thing back that still can be; false where there is none. */
  undoLast(): boolean {
    const last = this.toasts.findLast((toast) => toast.kind === 'undo')
    if (last?.kind !== 'undo') return false
    last.undo()
    return true
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id)
  }
}

export const [getWindowState, setWindowState] = createContext<WindowState>()
