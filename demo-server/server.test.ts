import { S3Client, PutObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startDemoServer, type DemoServer } from './server.ts'

let server: DemoServer
let s3: S3Client
beforeAll(async () => {
  server = await startDemoServer({
    users: [{ accessKeyId: 'demo', secretAccessKey: 'demosecret', policy: 'full' }],
    buckets: [{ name: 'test' }],
  })
  s3 = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demosecret' },
  })
})
afterAll(async () => {
  s3.destroy()
  await server.stop()
})

it('puts, gets and lists', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'test', Key: 'a//b é+%', Body: 'hello' }))
  const got = await s3.send(new GetObjectCommand({ Bucket: 'test', Key: 'a//b é+%' }))
  expect(await got.Body?.transformToString()).toBe('hello')
  await s3.send(
    new PutObjectCommand({
      Bucket: 'test',
      Key: 'stream',
      Body: Readable.from([Buffer.alloc(100_000)]),
      ContentLength: 100_000,
    }),
  )
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'test' }))
  expect(listed.Contents?.map((o) => o.Key)).toEqual(['a//b é+%', 'stream'])
  expect(server.requestLog.count()).toBe(4)
})
