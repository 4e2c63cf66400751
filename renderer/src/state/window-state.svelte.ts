import { createContext } from 'svelte'
import type { Problem } from '../../../contracts/problem.ts'

export const screens = ['drives', 'accounts', 'transfers', 'settings'] as const
export type Screen = (typeof screens)[number]

export type Toast = { id: number; kind: 'done'; message: string } | { id: number; kind: 'problem'; problem: Problem }

const toastMs = 5000

/** What this window is showing, and nothing main needs to know. */
export class WindowState {
  screen = $state<Screen>('drives')
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

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id)
  }
}

export const [getWindowState, setWindowState] = createContext<WindowState>()
