import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../src/core/logger.js'
import { DiskCache, type DiskCacheOptions } from '../../src/failover/disk-cache.js'
import { diskFiles } from '../../src/stores/local/files.js'
import type { BenchOptions } from './failover-bench.js'

/** A folder for read caches, and every cache that was opened in it. */
export class CacheFolder {
  readonly path: string
  readonly opened: DiskCache[] = []

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<CacheFolder> {
    return new CacheFolder(await mkdtemp(join(tmpdir(), 'holdfast-cache-')))
  }

  /** Opens it as a process does. */
  open(options: Partial<DiskCacheOptions> = {}): DiskCache {
    const cache = new DiskCache({
      folder: this.path,
      boot: 'boot-1',
      maxBytes: 64 * 1024 * 1024,
      target: 'memory/bucket',
      processId: 'process',
      isDead: () => false,
      files: diskFiles,
      freeBytes: async () => Number.POSITIVE_INFINITY,
      reserveBytes: 0,
      logger: silentLogger,
      noticeMs: 0,
      touchMs: 0,
      ...options,
    })
    this.opened.push(cache)
    return cache
  }

  /** What has each process of a bench open it. */
  benchOptions(options: Partial<DiskCacheOptions> = {}): BenchOptions {
    return { openCache: (process, isDead) => this.open({ processId: process, isDead, ...options }) }
  }

  /** Waits until no cache has anything to do. */
  async idle(): Promise<void> {
    for (const cache of this.opened) await cache.idle()
  }

  /** Every file below the folder, in order. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true })
    return entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
  }

  /** Changes one byte of each copy, at the offset. */
  async rot(offset: number): Promise<void> {
    for (const path of await this.files()) {
      const bytes = await readFile(path)
      bytes[offset] = (bytes[offset] ?? 0) ^ 1
      // The file itself is for reading only.
      await rm(path)
      await writeFile(path, bytes)
    }
  }

  async remove(): Promise<void> {
    for (const cache of this.opened) await cache.close()
    await rm(this.path, { recursive: true, force: true })
  }
}
