import assert from 'node:assert/strict'
import { type Key, parseKey } from '../core/key.js'
import type { Content } from '../core/source.js'
import type { Storage, UploadOptions, UploadResult } from '../storage.js'
import { sameBytes } from './conformance-assert.js'
import type { Random } from './conformance-random.js'
import { type CheckScope, type ConformanceOptions, checksOf, type Skippable } from './conformance-runner.js'
import { describeServiceAgeing } from './conformance-service-ageing.js'
import { describeServiceCompression } from './conformance-service-compression.js'
import { describeServiceExpiry } from './conformance-service-expiry.js'
import { describeServiceListings } from './conformance-service-listings.js'
import { describeServiceReads } from './conformance-service-reads.js'
import { describeServiceRefusals } from './conformance-service-refusals.js'
import { describeServiceRemovals } from './conformance-service-removals.js'
import { describeServiceUploads } from './conformance-service-uploads.js'
import { describeServiceUrls } from './conformance-service-urls.js'

export interface ServiceConformanceOptions extends ConformanceOptions {
  /** Opens the storage; called once. */
  open(): Promise<OpenedStorage>
}

export interface OpenedStorage {
  readonly storage: Storage
  /** Waits until nothing written is pending any more; where uploads go to the local disk first. */
  settled?(): Promise<void>
  /** Closes the storage and takes away what was made for it. */
  close(): Promise<void>
}

/** What one check works with: the storage, and a prefix of its own that is emptied afterwards. */
export class ServiceScope implements CheckScope {
  readonly storage: Storage
  readonly prefix: string
  readonly random: Random
  readonly options: ConformanceOptions
  readonly #opened: OpenedStorage

  constructor(opened: OpenedStorage, prefix: string, random: Random, options: ConformanceOptions) {
    this.#opened = opened
    this.storage = opened.storage
    this.prefix = prefix
    this.random = random
    this.options = options
  }

  /** A storage does not say what it can; what was not declared as lacking is tried. */
  has(what: Skippable): boolean {
    return this.options.declaredSkips?.[what] === undefined
  }

  key(name: string): Key {
    return parseKey(this.prefix + name)
  }

  upload(name: string, content: Content, options?: UploadOptions | string): Promise<UploadResult> {
    return this.storage.uploadFile(content, this.key(name), options)
  }

  /** Waits until nothing written is pending any more. */
  async settled(): Promise<void> {
    await this.#opened.settled?.()
  }

  async holds(name: string, bytes: Buffer): Promise<void> {
    const got = await this.storage.downloadFile(this.key(name))
    assert.ok(got !== null, `there is no ${name}`)
    sameBytes(got, bytes)
  }

  async absent(name: string): Promise<void> {
    assert.equal(await this.storage.downloadFile(this.key(name)), null)
    assert.equal(await this.storage.fileExists(this.key(name)), false)
  }

  /** The names of all files below the check's prefix. */
  async names(): Promise<string[]> {
    const keys = await this.storage.listFiles(this.prefix)
    return keys.map(key => key.slice(this.prefix.length))
  }

  async cleanUp(): Promise<void> {
    const { failed } = await this.storage.deletePrefix(this.prefix)
    assert.deepEqual(failed, [])
  }
}

/**
 * The promises of the {@link Storage} interface in executable form: defines a suite of small checks, by the
 * runner's own functions, over the storage that `open` gives. It cleans up behind itself.
 */
export function serviceConformance(options: ServiceConformanceOptions): void {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32)
  options.describe(`${options.name} is a storage (seed ${seed})`, () => {
    let opened: Promise<OpenedStorage> | undefined
    const { check, root } = checksOf(options, seed, async (prefix, random) => {
      opened ??= options.open()
      return new ServiceScope(await opened, prefix, random, options)
    })
    options.afterAll(async () => {
      if (opened !== undefined) await (await opened).close()
    })

    describeServiceUploads(check)
    describeServiceReads(check)
    describeServiceCompression(check)
    describeServiceRemovals(check)
    describeServiceExpiry(check)
    describeServiceAgeing(check)
    describeServiceListings(check)
    describeServiceUrls(check)
    describeServiceRefusals(check)

    check('is left as it was found', async t => {
      assert.deepEqual([...(await t.storage.listFiles(root))], [])
    })
  })
}
