/** What a person has decided beforehand about a conflict: by the innermost rule of a folder, or the drive's policy. Pure. */
import type { ConflictPolicy, ConflictRule, ResolutionKind } from '../../contracts/conflict.ts'

export type ConflictSettings = { policy: ConflictPolicy; rules: readonly ConflictRule[] }

export function settledKind(path: string, { policy, rules }: ConflictSettings): ResolutionKind | undefined {
  const decided = innermostRule(path, rules)?.policy ?? policy
  return decided === 'ask' ? undefined : decided
}

export function innermostRule(path: string, rules: readonly ConflictRule[]): ConflictRule | undefined {
  return rules
    .filter((rule) => isBelow(path, rule.path))
    .reduce<ConflictRule | undefined>(
      (best, rule) => (best && best.path.length >= rule.path.length ? best : rule),
      undefined,
    )
}

/** Rules that were not there before: they are meant for the conflicts a person has before them, too. */
export function addedRules(before: readonly ConflictRule[], after: readonly ConflictRule[]): ConflictRule[] {
  return after.filter((rule) => !before.some((known) => known.path === rule.path && known.policy === rule.policy))
}

export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`)
}
