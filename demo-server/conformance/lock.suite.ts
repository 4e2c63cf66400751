import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { outcome, textOf } from './outcome.ts'
import type { Target } from './target.ts'

export function describeLock(target: Target): void {
  describe('object lock', () => {
    let Bucket = ''
    beforeAll(async () => {
      Bucket = target.bucketName('locked')
      await target.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
    })
    const soon = (): Date => new Date(Date.now() + 3_600_000)
    const put = (Key: string, more = {}) =>
      target.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'locked', ...more }))
    const remove = (Key: string, more = {}) => target.s3.send(new DeleteObjectCommand({ Bucket, Key, ...more }))

    it('the bucket says that it locks, and others that they do not', async () => {
      const configuration = (Bucket: string) => target.s3.send(new GetObjectLockConfigurationCommand({ Bucket }))
      expect((await configuration(Bucket)).ObjectLockConfiguration?.ObjectLockEnabled).toBe('Enabled')
      expect(await outcome(configuration(target.bucket))).toBe('404 ObjectLockConfigurationNotFoundError')
    })

    it('a version under compliance cannot be deleted, whoever asks; a delete marker may hide it', async () => {
      const key = target.key()
      const { VersionId } = await put(key, { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: soon() })
      expect(await outcome(remove(key, { VersionId }))).toBe('403 AccessDenied')
      expect(await outcome(remove(key, { VersionId, BypassGovernanceRetention: true }))).toBe('403 AccessDenied')
      expect((await remove(key)).DeleteMarker).toBe(true)
      const got = await target.s3.send(new GetObjectCommand({ Bucket, Key: key, VersionId }))
      expect(await textOf(got.Body)).toBe('locked')
    })

    it('a version under governance can be deleted by who says so', async () => {
      const key = target.key()
      const { VersionId } = await put(key, { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: soon() })
      expect(await outcome(remove(key, { VersionId }))).toBe('403 AccessDenied')
      expect(await outcome(remove(key, { VersionId, BypassGovernanceRetention: true }))).toBe('ok')
    })

    it('retention can be extended, not shortened', async () => {
      const key = target.key()
      const until = soon()
      const { VersionId } = await put(key)
      const retain = (RetainUntilDate: Date) =>
        target.s3.send(
          new PutObjectRetentionCommand({ Bucket, Key: key, Retention: { Mode: 'COMPLIANCE', RetainUntilDate } }),
        )
      expect(await outcome(retain(until))).toBe('ok')
      expect(await outcome(retain(new Date(until.getTime() + 60_000)))).toBe('ok')
      expect(await outcome(retain(new Date(until.getTime() - 60_000)))).toBe('403 AccessDenied')
      const { Retention } = await target.s3.send(new GetObjectRetentionCommand({ Bucket, Key: key, VersionId }))
      expect(Retention?.Mode).toBe('COMPLIANCE')
      const head = await target.s3.send(new HeadObjectCommand({ Bucket, Key: key }))
      expect(head.ObjectLockMode).toBe('COMPLIANCE')
    })

    it('a legal hold holds until it is lifted', async () => {
      const key = target.key()
      const { VersionId } = await put(key)
      const hold = (Status: 'ON' | 'OFF') =>
        target.s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: key, LegalHold: { Status } }))
      await hold('ON')
      const { LegalHold } = await target.s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: key }))
      expect(LegalHold?.Status).toBe('ON')
      expect(await outcome(remove(key, { VersionId }))).toBe('403 AccessDenied')
      await hold('OFF')
      expect(await outcome(remove(key, { VersionId }))).toBe('ok')
    })

    it('a bucket without object lock refuses to lock', async () => {
      const call = target.s3.send(
        new PutObjectCommand({
          Bucket: target.bucket,
          Key: target.key(),
          Body: 'x',
          ObjectLockMode: 'GOVERNANCE',
          ObjectLockRetainUntilDate: soon(),
        }),
      )
      expect(await outcome(call)).toBe('400 InvalidRequest')
    })
  })
}
