import { describe, expect, test } from 'vitest'
import { Random } from '../testing/random.ts'
import { DueQueue } from './due-queue.ts'

describe('the queue of what is due', () => {
  test('gives nothing before its time', () => {
    const queue = new DueQueue()
    expect(queue.nextAtMs).toBeUndefined()
    expect(queue.take(Infinity)).toBeUndefined()
    queue.push(1, 100)
    expect(queue.nextAtMs).toBe(100)
    expect(queue.take(99)).toBeUndefined()
    expect(queue.take(100)).toBe(1)
    expect(queue.take(100)).toBeUndefined()
    expect(queue.nextAtMs).toBeUndefined()
  })

  test('gives what is due earliest first, however it came', () => {
    const random = new Random(3)
    const queue = new DueQueue()
    const times = Array.from({ length: 500 }, () => random.below(200))
    times.forEach((atMs, id) => queue.push(id, atMs))
    const taken: number[] = []
    for (let id = queue.take(1_000); id !== undefined; id = queue.take(1_000)) taken.push(id)
    expect(taken.map((id) => times[id])).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(taken).size).toBe(500)
  })
})
