/** `report.odt`, `report (2).odt`, `report (3).odt`: names for something whose own is taken. */
export function numberedName(name: string, count: number): string {
  if (count <= 1) return name
  const extension = /(?<=[^.])(?:\.tar)?\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? ''
  return `${name.slice(0, name.length - extension.length)} (${count})${extension}`
}
