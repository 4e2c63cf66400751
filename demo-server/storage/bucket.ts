/**
 * One bucket's keys, versions and uploads. Every change decides and happens in one synchronous step, the caller's condition
 * included, so of any number of racers exactly one wins. Durability and the freeing of old content follow, in that order.
 */
import { randomBytes } from 'node:crypto'
import { s3Error } from '../errors.ts'
import { releaseContent } from './blobs.ts'
import type { BucketSettings, ObjectVersion, Persistence, Upload, UploadPart, VersionDraft } from './model.ts'
import { SortedKeys } from './sorted-keys.ts'

export const NULL_VERSION = 'null'

/** Throws to refuse; sees the current version, or undefined when the key is absent or deleted. */
export type Check = (current: ObjectVersion | undefined) => void

export class Bucket {
  readonly name: string
  readonly settings: BucketSettings
  readonly keys = new SortedKeys()
  readonly uploads = new Map<string, Upload>()
  readonly #versions = new Map<string, ObjectVersion[]>()
  readonly #persistence: Persistence

  constructor(name: string, settings: BucketSettings, persistence: Persistence) {
    this.name = name
    this.settings = settings
    this.#persistence = persistence
  }

  /** Newest first, delete markers included. */
  versionsOf(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? []
  }

  newest(key: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.[0]
  }

  current(key: string): ObjectVersion | undefined {
    const newest = this.newest(key)
    return newest?.isDeleteMarker === true ? undefined : newest
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.find((version) => version.versionId === versionId)
  }

  get isEmpty(): boolean {
    return this.keys.length === 0
  }

  /** Takes over the draft's content, also when it is refused. */
  async put(key: string, draft: VersionDraft, nowMs: number, check: Check = () => undefined): Promise<ObjectVersion> {
    try {
      check(this.current(key))
    } catch (error) {
      releaseContent(draft.content)
      throw error
    }
    const version = { ...draft, ...this.#stamp(nowMs), isDeleteMarker: false }
    await this.#replace(key, version)
    return version
  }

  /** Without a version id: removes the object, or hides it behind a delete marker. */
  async delete(key: string, nowMs: number, check: Check = () => undefined): Promise<ObjectVersion | undefined> {
    check(this.current(key))
    if (this.settings.versioning === 'off') {
      await this.#remove(key, this.version(key, NULL_VERSION))
      return undefined
    }
    const marker: ObjectVersion = {
      ...this.#stamp(nowMs),
      isDeleteMarker: true,
      headers: {},
      metadata: {},
      storageClass: 'STANDARD',
      content: [],
      sizeBytes: 0,
      etag: '',
    }
    await this.#replace(key, marker)
    return marker
  }

  /** For good. `check` sees the version itself. */
  async deleteVersion(key: string, versionId: string, check: Check): Promise<ObjectVersion | undefined> {
    const version = this.version(key, versionId)
    if (!version) return undefined
    check(version)
    await this.#remove(key, version)
    return version
  }

  /** Changes what may change of a version in place: retention and legal hold. */
  async lock(
    key: string,
    version: ObjectVersion,
    change: Pick<ObjectVersion, 'retention' | 'legalHold'>,
  ): Promise<void> {
    Object.assign(version, change)
    await this.#persistence.saveKey(this.name, key, this.versionsOf(key))
  }

  async saveSettings(change: Partial<BucketSettings>): Promise<void> {
    Object.assign(this.settings, change)
    await this.#persistence.saveBucket(this.name, this.settings)
  }

  async beginUpload(upload: Upload): Promise<void> {
    this.uploads.set(upload.uploadId, upload)
    await this.#persistence.saveUpload(this.name, upload)
  }

  /** Takes over the part's content, also when it is refused. */
  async addPart(uploadId: string, part: UploadPart): Promise<void> {
    const upload = this.uploads.get(uploadId)
    if (!upload) {
      releaseContent(part.content)
      throw s3Error('NoSuchUpload')
    }
    const replaced = upload.parts.get(part.partNumber)
    upload.parts.set(part.partNumber, part)
    await this.#persistence.savePart(this.name, uploadId, part)
    if (replaced) releaseContent(replaced.content)
  }

  /** The draft's content is retained on its own, for the parts release theirs. */
  async completeUpload(upload: Upload, draft: VersionDraft, nowMs: number, check: Check): Promise<ObjectVersion> {
    const isOpen = (): void => {
      if (this.uploads.get(upload.uploadId) !== upload) throw s3Error('NoSuchUpload')
    }
    const saved = this.put(upload.key, draft, nowMs, (current) => {
      isOpen()
      check(current)
      this.uploads.delete(upload.uploadId)
    })
    const version = await saved
    await this.#endUpload(upload)
    return version
  }

  async abortUpload(upload: Upload): Promise<void> {
    this.uploads.delete(upload.uploadId)
    await this.#endUpload(upload)
  }

  /** What an earlier run left; before the first request. */
  restore(keys: ReadonlyMap<string, ObjectVersion[]>, uploads: Iterable<Upload>): void {
    for (const [key, versions] of keys) this.#versions.set(key, versions)
    this.keys.addAll(keys.keys())
    for (const upload of uploads) this.uploads.set(upload.uploadId, upload)
  }

  async #endUpload(upload: Upload): Promise<void> {
    await this.#persistence.removeUpload(this.name, upload.uploadId)
    for (const part of upload.parts.values()) releaseContent(part.content)
  }

  /** S3 knows times to the second. */
  #stamp(nowMs: number): Pick<ObjectVersion, 'versionId' | 'lastModifiedMs'> {
    const versionId = this.settings.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : NULL_VERSION
    return { versionId, lastModifiedMs: Math.floor(nowMs / 1000) * 1000 }
  }

  /** The newest version from now on; the null version, of which there is only one, gives way to another. */
  async #replace(key: string, version: ObjectVersion): Promise<void> {
    const versions = this.#versions.get(key) ?? []
    const replaced = version.versionId === NULL_VERSION ? this.version(key, NULL_VERSION) : undefined
    const kept = [version, ...versions.filter((other) => other !== replaced)]
    if (versions.length === 0) this.keys.add(key)
    this.#versions.set(key, kept)
    await this.#persistence.saveKey(this.name, key, kept)
    if (replaced) releaseContent(replaced.content)
  }

  async #remove(key: string, version: ObjectVersion | undefined): Promise<void> {
    if (!version) return
    const kept = this.versionsOf(key).filter((other) => other !== version)
    if (kept.length > 0) {
      this.#versions.set(key, kept)
    } else {
      this.#versions.delete(key)
      this.keys.delete(key)
    }
    await this.#persistence.saveKey(this.name, key, kept)
    releaseContent(version.content)
  }
}
