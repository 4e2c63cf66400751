/** Where the focus was when a dialog opened. */
export function rememberFocus(): HTMLElement | undefined {
  const active = document.activeElement
  return active instanceof HTMLElement && active !== document.body ? active : undefined
}

/** Back to where it was; to the title of the screen where that is gone. */
export function focusAfterwards(opener: HTMLElement | undefined): void {
  const title = document.querySelector<HTMLElement>('[data-screen-title]')
  const target = opener?.isConnected ? opener : title
  target?.focus()
}
