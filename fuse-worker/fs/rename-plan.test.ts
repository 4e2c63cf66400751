import { describe, expect, test } from 'vitest'
import { planRename, type RenameStep } from './rename-plan.ts'

type Given = Parameters<typeof planRename>[0]
const file: Given = {
  isDirectory: false,
  isLocalOnly: false,
  isLocalOnlyPlace: false,
  hasRemote: false,
  hasPendingPut: false,
  mayHaveReachedBucket: false,
  isEmpty: true,
}
const folder: Given = { ...file, isDirectory: true }

describe('what a move means for one node', () => {
  test.each<[string, Given, RenameStep]>([
    ['a file in the bucket', { ...file, hasRemote: true }, 'moves'],
    ['a new file in the queue', { ...file, hasPendingPut: true }, 'moves'],
    ['a new file to a junk name', { ...file, hasPendingPut: true, isLocalOnlyPlace: true }, 'becomes-local'],
    ['a new file being sent, to a junk name', { ...file, mayHaveReachedBucket: true, isLocalOnlyPlace: true }, 'moves'],
    ['a file in the bucket to a junk name', { ...file, hasRemote: true, isLocalOnlyPlace: true }, 'moves'],
    ['junk to a real name', { ...file, isLocalOnly: true }, 'becomes-real'],
    ['junk to another junk name', { ...file, isLocalOnly: true, isLocalOnlyPlace: true }, 'nothing'],
    ['a folder with a marker', { ...folder, hasRemote: true, isEmpty: false }, 'moves'],
    ['a new folder', { ...folder, hasPendingPut: true }, 'moves'],
    ['an implied folder with entries', { ...folder, isEmpty: false }, 'nothing'],
    ['an implied folder that is empty', folder, 'moves'],
  ])('%s', (_title, given, step) => expect(planRename(given)).toBe(step))
})
