import { describe, expect, it, test } from 'vitest'
import { ChunkRanking, type Standing } from './chunk-ranking.ts'

const second = 1_000
const minute = 60 * second
const free = (): Standing => 'free'

/** Chunks of 10 bytes, one to a content, named by the content's number. */
function ranking(contents: readonly number[], nowMs = 0): ChunkRanking {
  const made = new ChunkRanking()
  for (const content of contents) {
    made.set(content, 0, 10, false)
    made.use(content, 0, nowMs)
  }
  return made
}

function order(made: ChunkRanking, standingOf: (content: number) => Standing = free): number[] {
  return [...made.victims(standingOf)].map(({ content }) => content)
}

type Step = ['read' | 'fetch' | 'dirty' | 'clean' | 'pin' | 'unpin', number, number]

function play(made: ChunkRanking, steps: readonly Step[]): void {
  for (const [what, content, nowMs] of steps) {
    if (what === 'read') made.use(content, 0, nowMs)
    if (what === 'fetch') {
      made.set(content, 0, 10, false)
      made.arrive(content, 0, nowMs)
    }
    if (what === 'dirty' || what === 'clean') made.set(content, 0, 10, what === 'dirty')
    if (what === 'pin' || what === 'unpin') made.pin(content, 0, what === 'pin')
  }
}

describe('which chunk goes first', () => {
  const cases: { title: string; steps: Step[]; order: number[] }[] = [
    { title: 'the one that was used longest ago', steps: [], order: [1, 2, 3, 4, 5] },
    { title: 'one read again at once is not dearer, but younger', steps: [['read', 1, 2_000]], order: [2, 3, 4, 5, 1] },
    { title: 'one read again some time later goes last', steps: [['read', 2, minute]], order: [1, 3, 4, 5, 2] },
    {
      title: 'what reads everything once pushes out only what was used once',
      steps: [
        ['read', 1, minute],
        ...[6, 7, 8, 9].map((content): Step => ['fetch', content, 2 * minute]),
        ...[6, 7, 8, 9].map((content): Step => ['read', content, 2 * minute]),
      ],
      order: [2, 3, 4, 5, 6, 7, 8, 9, 1],
    },
    {
      title: 'a chunk fetched ahead and read much later was read once',
      steps: [
        ['fetch', 6, 0],
        ['read', 6, minute],
        ['read', 1, 2 * minute],
      ],
      order: [2, 3, 4, 5, 6, 1],
    },
    {
      title: 'reading on through one chunk for a long time is one use',
      steps: Array.from({ length: 30 }, (_, index): Step => ['read', 1, (index + 1) * 5 * second]),
      order: [2, 3, 4, 5, 1],
    },
    { title: 'one with a dirty byte never does', steps: [['dirty', 1, 0]], order: [2, 3, 4, 5] },
    { title: 'a pinned one never does', steps: [['pin', 2, 0]], order: [1, 3, 4, 5] },
    {
      title: 'one that was uploaded or unpinned may go again',
      steps: [
        ['dirty', 1, 0],
        ['pin', 2, 0],
        ['clean', 1, 0],
        ['unpin', 2, 0],
      ],
      order: [3, 4, 5, 1, 2],
    },
    {
      title: 'those used again go before the others while they hold more than four fifths',
      steps: [1, 2, 3, 4, 5].map((content): Step => ['read', content, minute + content]),
      order: [1, 2, 3, 4, 5],
    },
  ]
  test.each(cases)('$title', ({ steps, order: wanted }) => {
    const made = ranking([1, 2, 3, 4, 5])
    play(made, steps)
    expect(order(made)).toEqual(wanted)
  })

  it('protected chunks over their share go first, the rest of them last', () => {
    const made = ranking([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (let content = 1; content <= 9; content++) made.use(content, 0, minute)
    expect(order(made)).toEqual([1, 10, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('open files come after all others, files with unsynced changes after those, and what could not be had again never', () => {
    const made = ranking([1, 2, 3, 4, 5])
    const standings: Standing[] = ['free', 'unsynced', 'open', 'kept', 'free', 'open']
    expect(order(made, (content) => standings[content] ?? 'free')).toEqual([4, 2, 5, 1])
  })

  it('of one open file the part that was read first goes first', () => {
    const made = new ChunkRanking()
    for (let chunk = 0; chunk < 4; chunk++) {
      made.set(1, chunk, 10, false)
      made.use(1, chunk, chunk * 2 * second)
    }
    made.use(1, 0, 9 * second)
    expect([...made.victims(() => 'open')].map(({ chunk }) => chunk)).toEqual([1, 2, 3, 0])
  })

  it('a file that was closed stands where its use puts it again', () => {
    const made = ranking([1, 2, 3])
    expect(order(made, (content) => (content === 1 ? 'open' : 'free'))).toEqual([2, 3, 1])
    expect(order(made)).toEqual([2, 3, 1])
    made.refile(1, 0)
    made.set(4, 0, 10, false)
    expect(order(made)).toEqual([2, 3, 1, 4])
  })
})

describe('what a ranking counts', () => {
  it('everything, what is pinned, and what may go', () => {
    const made = ranking([1, 2, 3, 4])
    made.set(1, 0, 25, true)
    made.pin(2, 0, true)
    made.pin(1, 0, true)
    expect(made).toMatchObject({ storedBytes: 55, pinnedBytes: 10, evictableBytes: 20 })
    made.set(1, 0, 25, false)
    expect(made).toMatchObject({ storedBytes: 55, pinnedBytes: 35, evictableBytes: 20 })
    for (const content of [1, 2, 3, 4]) made.remove(content, 0)
    expect(made).toMatchObject({ storedBytes: 0, pinnedBytes: 0, evictableBytes: 0 })
  })

  it('each use is told once, for its row', () => {
    const made = ranking([1, 2])
    expect([...made.takeUnsaved()].map(({ content }) => content)).toEqual([1, 2])
    made.use(2, 0, minute)
    expect([...made.takeUnsaved()]).toMatchObject([{ content: 2, rank: 'protected', usedAtMs: minute }])
    expect([...made.takeUnsaved()]).toEqual([])
  })
})
