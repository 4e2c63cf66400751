/**
 * The embedded S3 server as a program. Prints its endpoint as the first line, further facts after it, and ends in good order
 * on SIGTERM or SIGINT. Keys on the command line are fine here: they open nothing but this server.
 */
import { parseArgs } from 'node:util'
import { DEMO_BUCKET, fillDemoBucket } from './demo-content.ts'
import { fillBucket } from './many-objects.ts'
import { CONDITION_NAMES, startDemoServer, type ConditionName, type DemoUser } from './server.ts'

const USAGE = `usage: demo-server [options]
  --port N              0 (the default) takes a free one
  --host ADDRESS        127.0.0.1
  --directory DIR       keep objects here; in memory when absent
  --access-key KEY      demo
  --secret-key SECRET   demo-secret
  --read-only-access-key KEY, --read-only-secret-key SECRET   a second user, who may only look
  --bucket NAME         make this bucket; may be given several times
  --versioned-bucket NAME
  --demo-content        fill the bucket "${DEMO_BUCKET}"
  --fill N              put N small objects into the first bucket
  --fill-folder N       so many of them to a folder (1000)
  --ignore CONDITION    ignore a condition, as weak providers do; may be given several times:
                        ${CONDITION_NAMES.join(' ')}
  --latency MS          before every answer
  --quota BYTES
`

const OPTIONS = {
  port: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  directory: { type: 'string' },
  'access-key': { type: 'string', default: 'demo' },
  'secret-key': { type: 'string', default: 'demo-secret' },
  'read-only-access-key': { type: 'string' },
  'read-only-secret-key': { type: 'string' },
  bucket: { type: 'string', multiple: true, default: [] as string[] },
  'versioned-bucket': { type: 'string', multiple: true, default: [] as string[] },
  'demo-content': { type: 'boolean', default: false },
  fill: { type: 'string' },
  'fill-folder': { type: 'string', default: '1000' },
  ignore: { type: 'string', multiple: true, default: [] as string[] },
  latency: { type: 'string', default: '0' },
  quota: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function usersOf(values: Values): DemoUser[] {
  const users: DemoUser[] = [
    { accessKeyId: values['access-key'], secretAccessKey: values['secret-key'], policy: 'full' },
  ]
  const [accessKeyId, secretAccessKey] = [values['read-only-access-key'], values['read-only-secret-key']]
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    users.push({ accessKeyId, secretAccessKey, policy: 'read-only' })
  }
  return users
}

function isCondition(name: string): name is ConditionName {
  return (CONDITION_NAMES as readonly string[]).includes(name)
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    process.stdout.write(USAGE)
    return
  }
  const unknown = values.ignore.find((name) => !isCondition(name))
  if (unknown !== undefined) throw new Error(`there is no condition ${unknown}`)
  const server = await startDemoServer({
    port: wholeNumber('port', values.port),
    host: values.host,
    directory: values.directory,
    users: usersOf(values),
    buckets: [
      ...values.bucket.map((name) => ({ name })),
      ...values['versioned-bucket'].map((name) => ({ name, versioning: true })),
    ],
    ignores: values.ignore.filter(isCondition),
    latencyMs: wholeNumber('latency', values.latency),
    quotaBytes: values.quota === undefined ? undefined : wholeNumber('quota', values.quota),
  })
  const stop = (): void => void server.stop().then(() => process.exit(0))
  process.once('SIGTERM', stop).once('SIGINT', stop)
  process.stdout.write(`${server.endpoint}\n`)
  const [first] = values.bucket
  if (values.fill !== undefined && first !== undefined) {
    const perFolder = wholeNumber('fill-folder', values['fill-folder'])
    await fillBucket(server.storage, first, wholeNumber('fill', values.fill), perFolder)
    process.stdout.write(`bucket ${first}: filled\n`)
  }
  if (values['demo-content']) {
    const written = await fillDemoBucket(server)
    process.stdout.write(
      `bucket ${DEMO_BUCKET}: ${written.length === 0 ? 'as it was' : `${written.length} objects made`}\n`,
    )
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`demo-server: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
})
