/** Ends a `switch` on a tagged union: a case added later fails to compile instead of falling through. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`)
}
