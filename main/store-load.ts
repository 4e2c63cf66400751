/**
 * Reads the store file before electron-store does. A file that cannot be read whole is copied aside and said so; what is
 * valid in it is kept, so that one damaged drive does not cost the person the others.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { z } from 'zod'
import { settingsSchema } from '../contracts/ipc.ts'
import type { Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import {
  accountRecordSchema,
  defaultSettings,
  driveRecordSchema,
  emptyStore,
  storeSchema,
  storeVersion,
  type StoreShape,
} from './store-file.ts'

export type LoadedStore = {
  store: StoreShape
  /** Present when the file was damaged: it was copied to `asidePath` and `store` holds what could be kept. */
  damage?: { asidePath: string; problem: Problem }
}

/** Throws when the damaged file cannot be copied aside: better not to start than to write over it. */
export function loadStore(path: string, nowMs: number): LoadedStore {
  if (!existsSync(path)) return { store: emptyStore() }
  const text = readFileSync(path, 'utf8')
  const raw = parseJson(text)
  const whole = storeSchema.safeParse(raw)
  if (whole.success) return { store: whole.data }

  const asidePath = freeName(path, nowMs)
  copyFileSync(path, asidePath)
  const store = salvage(raw)
  writeFileSync(`${path}.repaired`, JSON.stringify(store, undefined, '\t'), { mode: 0o600 })
  renameSync(`${path}.repaired`, path)
  return { store, damage: { asidePath, problem: damageProblem(store, asidePath) } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function freeName(path: string, nowMs: number): string {
  const base = path.replace(/\.json$/, '')
  for (let n = 0; ; n++) {
    const candidate = `${base}.damaged-${nowMs + n}.json`
    if (!existsSync(candidate)) return candidate
  }
}

/** A file of another version is not guessed at: nothing of it is kept but the copy. */
function salvage(raw: unknown): StoreShape {
  const store = emptyStore()
  if (!isRecord(raw) || raw['version'] !== storeVersion) return store
  const settings = settingsSchema.safeParse(raw['settings'])
  store.settings = settings.success ? settings.data : { ...defaultSettings }
  store.accounts = validEntries(raw['accounts'], accountRecordSchema)
  store.drives = validEntries(raw['drives'], driveRecordSchema)
  return store
}

function validEntries<T>(list: unknown, schema: z.ZodType<T>): T[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown) => {
    const parsed = schema.safeParse(entry)
    return parsed.success ? [parsed.data] : []
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function damageProblem(store: StoreShape, asidePath: string): Problem {
  const isNothingKept = store.accounts.length === 0 && store.drives.length === 0
  return {
    code: 'database-damaged',
    message: isNothingKept ? t('main.store-damaged') : t('main.store-damaged.partly'),
    consequence: t('main.store-damaged.consequence', { asidePath }),
    remedy: t('main.store-damaged.remedy'),
  }
}
