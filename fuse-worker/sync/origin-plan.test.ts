import { expect, test } from 'vitest'
import { planOrigins } from './origin-plan.ts'

const none = { add: undefined, remove: undefined }
const seen = { oldPrefix: 'A/', newPrefix: 'B/', isInBucket: true, isOldCovered: false, isNewCovered: false }

test.each([
  ['a folder the bucket has leaves keys below its old prefix', { ...seen, origins: [] }, { ...none, add: 'A/' }],
  ['one that never reached the bucket leaves nothing', { ...seen, origins: [], isInBucket: false }, none],
  ['nor does one whose place still belonged to another', { ...seen, origins: [], isOldCovered: true }, none],
  ['renamed again, it has keys in two places', { ...seen, origins: ['O/'] }, { ...none, add: 'A/' }],
  ['renamed again before anything moved, in one', { ...seen, origins: ['O/'], isInBucket: false }, none],
  [
    'back where its keys are, it has nothing to move',
    { ...seen, origins: ['B/'], isInBucket: false },
    { ...none, remove: 'B/' },
  ],
  ['back after some had moved, only those come back', { ...seen, origins: ['B/'] }, { add: 'A/', remove: 'B/' }],
  [
    'back inside what another folder claims, it keeps its own claim',
    { ...seen, origins: ['B/'], isInBucket: false, isNewCovered: true },
    none,
  ],
  ['away from its own claim, it keeps that', { ...seen, origins: ['A/'], isOldCovered: true }, none],
])('%s', (_title, folder, change) => {
  expect(planOrigins(folder)).toEqual(change)
})
