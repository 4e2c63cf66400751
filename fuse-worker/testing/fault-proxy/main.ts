/**
 * The fault proxy as a program: `npm run fault-proxy -- --target http://127.0.0.1:9000`. Prints its endpoint as the first line and
 * then takes commands on standard input, so that the weather can change while a drive is in use.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { parseRule, ruleGrammar } from './faults.ts'
import { FaultProxy } from './proxy.ts'

const commandWords = `  rule RULE      add a rule
  clear          no rules any more
  refuse         close the port and every connection
  black-hole     connections are made, and nothing comes out of them; those that exist stay dead
  open           as at the beginning; rules stay`

const usage = `usage: fault-proxy --target URL [--port N] [--host ADDRESS] [--rule RULE]... [--quiet]

Rules, the first that matches wins; of latencies all do:
${ruleGrammar}

On standard input, a line each:
${commandWords}
`

async function obey(proxy: FaultProxy, line: string): Promise<void> {
  const [word = '', ...rest] = line.trim().split(/\s+/)
  switch (word) {
    case '':
      return
    case 'rule':
      proxy.add(parseRule(rest.join(' ')))
      break
    case 'clear':
      proxy.rules.clear()
      break
    case 'refuse':
      await proxy.setDoor('refusing')
      break
    case 'black-hole':
    case 'open':
      await proxy.setDoor(word)
      break
    default:
      throw new Error(`commands are:\n${commandWords}`)
  }
  process.stdout.write(`done: ${line.trim()}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string' },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      rule: { type: 'string', multiple: true, default: [] as string[] },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.target === undefined) {
    process.stdout.write(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const rules = values.rule.map(parseRule)
  const proxy = await FaultProxy.start({ target: values.target, port: Number(values.port), host: values.host })
  for (const rule of rules) proxy.add(rule)
  if (!values.quiet) {
    proxy.hooks.onAnswer = ({ number, method, key, query }, status) =>
      void process.stdout.write(`${number} ${method} ${key}${query === '' ? '' : `?${query}`} ${status}\n`)
  }
  const stop = (): void => void proxy.stop().then(() => process.exit(0))
  process.once('SIGTERM', stop).once('SIGINT', stop)
  process.stdout.write(`${proxy.endpoint}\n`)
  createInterface({ input: process.stdin }).on('line', (line) => {
    obey(proxy, line).catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`))
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

main().catch((error: unknown) => {
  process.stderr.write(`fault-proxy: ${messageOf(error)}\n`)
  process.exit(2)
})
