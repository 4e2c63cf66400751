/**
 * What can go wrong between a client and an S3 server, and which requests it happens to. Pure but for the counting: a rule knows
 * how many requests it has seen.
 */

export type ProxiedRequest = {
  /** Counts from 1 over everything that came through the proxy. */
  number: number
  method: string
  /** Decoded, without the bucket; for a request about the bucket itself, the empty string. */
  key: string
  /** As it was sent, without the question mark. */
  query: string
}

export type Fault =
  /** Waits, and then goes on to the next rule that matches. */
  | { kind: 'latency'; delayMs: number }
  /** Answered by the proxy; nothing reaches the server. */
  | { kind: 'status'; status: number }
  /** The connection is reset, before the request is passed on or after it was carried out. */
  | { kind: 'reset'; isCarriedOut: boolean }
  /** Nothing ever comes back, and the connection stays open. */
  | { kind: 'silence'; isCarriedOut: boolean }
  /** The server gets so much of the request's body, then both connections end. */
  | { kind: 'cut-request'; afterBytes: number }
  /** The client gets so much of the answer's body, then its connection ends. */
  | { kind: 'cut'; afterBytes: number }
  /** The client gets so much of the answer's body, then nothing more, and the connection stays open. */
  | { kind: 'stall'; afterBytes: number }
  /** The answer names another version than the server did. */
  | { kind: 'wrong-etag' }
  /** One byte of the answer's body is another. */
  | { kind: 'corrupt'; atByte: number }

export type Rule = {
  fault: Fault
  /** Absent: every method. */
  method?: string
  /** Absent: every key. `*` stands for any characters in a text. */
  key?: string | RegExp
  /** For what method and key cannot say: an upload's part, a listing. */
  where?: (request: ProxiedRequest) => boolean
  /** Only the nth of the requests that match, counted from 1. */
  nth?: number
  /** In [0, 1]. */
  probability?: number
  /** Ends after so often. */
  times?: number
}

type LiveRule = Rule & { pattern: RegExp; seen: number; left: number }

export class RuleBook {
  #rules: LiveRule[] = []
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Returns how to take it out again. */
  add(rule: Rule): () => void {
    const pattern = rule.key instanceof RegExp ? rule.key : globPattern(rule.key ?? '*')
    const live = { ...rule, pattern, seen: 0, left: rule.times ?? Infinity }
    this.#rules.push(live)
    return () => {
      this.#rules = this.#rules.filter((one) => one !== live)
    }
  }

  clear(): void {
    this.#rules = []
  }

  /** What happens to this request: every latency of the rules in their order, and the first other fault. */
  judge(request: ProxiedRequest): { delayMs: number; fault: Fault | undefined } {
    let delayMs = 0
    for (const rule of this.#rules) {
      if (!this.#hits(rule, request)) continue
      rule.left--
      if (rule.fault.kind !== 'latency') return { delayMs, fault: rule.fault }
      delayMs += rule.fault.delayMs
    }
    return { delayMs, fault: undefined }
  }

  #hits(rule: LiveRule, request: ProxiedRequest): boolean {
    if (rule.method !== undefined && rule.method !== request.method) return false
    if (!rule.pattern.test(request.key) || rule.where?.(request) === false) return false
    rule.seen++
    if (rule.left <= 0 || (rule.nth !== undefined && rule.nth !== rule.seen)) return false
    return rule.probability === undefined || this.#random() < rule.probability
  }
}

function globPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

export const ruleGrammar = `  METHOD KEY FAULT [nth=N] [p=0.N] [times=N]     METHOD and KEY may be * (in KEY for any characters)
  latency=MS     waits, then goes on
  503, 403, ...  answers so; the server never hears of it
  reset, reset-after         resets the connection before, or after the server has done it
  silence, silence-after     never answers, before or after the server has done it
  cut-request=BYTES          breaks off in the request's body
  cut=BYTES, stall=BYTES     breaks off, or falls silent, in the answer's body
  wrong-etag, corrupt=BYTE   answers with another ETag, or with one byte changed`

/** One line of the grammar above. Throws with what is wrong. */
export function parseRule(text: string): Rule {
  const [method = '', key = '', fault = '', ...options] = text.trim().split(/\s+/)
  if (!/^([A-Z]+|\*)$/.test(method) || key === '') throw new Error(`not a rule: ${text}`)
  const rule: Rule = { fault: parseFault(fault), key }
  if (method !== '*') rule.method = method
  for (const option of options) {
    const [name, value] = option.split('=')
    const number = numberIn(option, value)
    if (name === 'nth') rule.nth = number
    else if (name === 'times') rule.times = number
    else if (name === 'p') rule.probability = number
    else throw new Error(`not known: ${option}`)
  }
  return rule
}

function parseFault(text: string): Fault {
  const [name = '', value] = text.split('=')
  if (/^[45]\d\d$/.test(name)) return { kind: 'status', status: Number(name) }
  switch (name) {
    case 'reset':
    case 'silence':
      return { kind: name, isCarriedOut: false }
    case 'reset-after':
    case 'silence-after':
      return { kind: name === 'reset-after' ? 'reset' : 'silence', isCarriedOut: true }
    case 'cut':
    case 'stall':
    case 'cut-request':
      return { kind: name, afterBytes: numberIn(text, value) }
    case 'wrong-etag':
      return { kind: name }
    case 'corrupt':
      return { kind: name, atByte: numberIn(text, value ?? '0') }
    case 'latency':
      return { kind: name, delayMs: numberIn(text, value) }
    default:
      throw new Error(`not a fault: ${text}`)
  }
}

function numberIn(text: string, value: string | undefined): number {
  if (value === undefined || !/^\d+(\.\d+)?$/.test(value)) throw new Error(`a number is missing: ${text}`)
  return Number(value)
}
