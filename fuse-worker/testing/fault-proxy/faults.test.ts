import { describe, expect, test } from 'vitest'
import { parseRule, RuleBook, type ProxiedRequest } from './faults.ts'

const put = (key: string): ProxiedRequest => ({ number: 1, method: 'PUT', key, query: '' })
const refused = { kind: 'status', status: 503 } as const

describe('a rule', () => {
  test('hits its method and keys, and nothing else', () => {
    const book = new RuleBook(Math.random)
    book.add({ fault: refused, method: 'PUT', key: 'docs/*.txt' })
    expect(book.judge(put('docs/a/b.txt')).fault).toEqual(refused)
    expect(book.judge(put('docs/a/b.txt2')).fault).toBeUndefined()
    expect(book.judge(put('other/a.txt')).fault).toBeUndefined()
    expect(book.judge({ ...put('docs/a.txt'), method: 'GET' }).fault).toBeUndefined()
  })

  test('hits the nth that matches, so often, or by chance', () => {
    const dice = [0.1, 0.9]
    const book = new RuleBook(() => dice.shift() ?? 1)
    const remove = book.add({ fault: refused, key: 'a', nth: 2 })
    const hits = (): boolean[] => ['a', 'b', 'a', 'a'].map((key) => book.judge(put(key)).fault !== undefined)
    expect(hits()).toEqual([false, false, true, false])
    remove()
    book.add({ fault: refused, key: 'a', times: 2 })
    expect(hits()).toEqual([true, false, true, false])
    book.clear()
    book.add({ fault: refused, key: 'a', probability: 0.5 })
    expect(hits()).toEqual([true, false, false, false])
  })

  test('latencies add up until another fault decides', () => {
    const book = new RuleBook(Math.random)
    for (const delayMs of [20, 30]) book.add({ fault: { kind: 'latency', delayMs } })
    book.add({ fault: refused, key: 'b' })
    book.add({ fault: { kind: 'latency', delayMs: 7 } })
    expect(book.judge(put('a'))).toEqual({ delayMs: 57, fault: undefined })
    expect(book.judge(put('b'))).toEqual({ delayMs: 50, fault: refused })
  })

  test.each([
    ['PUT docs/* 503 p=0.3', { method: 'PUT', key: 'docs/*', fault: refused, probability: 0.3 }],
    ['* * latency=200', { key: '*', fault: { kind: 'latency', delayMs: 200 } }],
    ['GET a cut=10 nth=2', { method: 'GET', key: 'a', fault: { kind: 'cut', afterBytes: 10 }, nth: 2 }],
    ['PUT a reset-after times=1', { method: 'PUT', key: 'a', fault: { kind: 'reset', isCarriedOut: true }, times: 1 }],
    ['GET a corrupt', { method: 'GET', key: 'a', fault: { kind: 'corrupt', atByte: 0 } }],
  ])('%s', (text, rule) => expect(parseRule(text)).toEqual(rule))

  test.each(['', 'PUT', 'put a 503', 'PUT a 200', 'PUT a cut', 'PUT a 503 nth=x', 'PUT a 503 often'])(
    '“%s” is none',
    (text) => expect(() => parseRule(text)).toThrow(),
  )
})
