import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import type { Key } from '../src/core/key.js'
import { silentLogger } from '../src/core/logger.js'
import type { Source } from '../src/core/source.js'
import type { StampClock } from '../src/core/stamp.js'
import type { CopyOptions, GetOptions, ObjectStat, OpenObject, PutOptions } from '../src/core/store.js'
import { DiskCache } from '../src/failover/disk-cache.js'
import { DiskSpool, openSpill } from '../src/failover/disk-spool.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { type FailoverOptions, openFailover } from '../src/failover/open.js'
import type { Primary } from '../src/failover/primary.js'
import { openRoot, type Root } from '../src/stores/local/root.js'
import { MemoryStore } from '../src/stores/memory.js'
import { type OpenedStore, storeConformance } from '../src/testing/index.js'

/** A store in memory whose reads take a turn of the event loop, as those over a network do. */
class TurningStore extends MemoryStore {
  readonly #clock: StampClock

  constructor(clock: StampClock) {
    super()
    this.#clock = clock
  }

  /** Stamps are this host's, as those of the S3 store are: what a host stamped is never taken for another's. */
  override put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    return super.put(key, source, { ...options, stamp: options.stamp ?? this.#clock.next() })
  }

  override copy(from: Key, to: Key, options: CopyOptions = {}): Promise<ObjectStat> {
    const stamped = { ...options, stamp: this.#clock.next() }
    return super.copy(from, to, stamped)
  }

  override async get(key: Key, options?: GetOptions): Promise<OpenObject> {
    await new Promise(resolve => setImmediate(resolve))
    return super.get(key, options)
  }
}

/** A primary in memory that always answers. */
function memoryPrimary(clock: StampClock): Primary {
  const store = new TurningStore(clock)
  return {
    store,
    target: 'memory/bucket',
    outcomeOf: () => 'failed',
    now: () => Date.now(),
    look: async (key, options) => {
      try {
        return { object: await store.head(key, options), time: Date.now() }
      } catch (error) {
        if (StorageError.is(error, 'NOT_FOUND')) return { object: undefined, time: Date.now() }
        throw error
      }
    },
  }
}

/** A failover on a disk folder, over a primary in memory. */
async function openOnDisk(more: Partial<FailoverOptions> = {}, cacheBytes = 0): Promise<OpenedStore> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
  const root = await openRoot({ path, create: true, ballastBytes: 0 })
  const { store } = await openFailover({
    primary: memoryPrimary(root.clock),
    journal: new LedgerJournal(root.ledger),
    bytes: new DiskSpool(root),
    clock: root.clock,
    openSpill: () => openSpill(root),
    processId: root.processId,
    isDead: id => root.isDead(id),
    ...more,
    ...(cacheBytes > 0 && { cache: cacheOf(root, cacheBytes) }),
  })
  return {
    store,
    close: async () => {
      await store.close()
      await root.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}

function cacheOf(root: Root, maxBytes: number): DiskCache {
  return new DiskCache({
    folder: join(root.ownPath, 'cache'),
    boot: 'boot-1',
    maxBytes,
    target: 'memory/bucket',
    processId: root.processId,
    isDead: id => root.isDead(id),
    files: root.files,
    freeBytes: async () => Number.POSITIVE_INFINITY,
    reserveBytes: 0,
    logger: silentLogger,
    noticeMs: 0,
  })
}

const common = {
  describe,
  it,
  afterAll,
  randomKeys: 500,
  declaredSkips: {
    presign: 'nothing serves the memory of a process by URL',
    storageClasses: 'memory is of one class',
  },
}

storeConformance({
  ...common,
  name: 'failover while the primary answers',
  open: () => openOnDisk(),
})

storeConformance({
  ...common,
  name: 'failover that writes behind',
  open: () => openOnDisk({ writeBehind: true }),
})

storeConformance({
  ...common,
  name: 'failover with a read cache',
  open: () => openOnDisk({}, 256 * 1024 * 1024),
})

storeConformance({
  ...common,
  name: 'failover with a read cache that holds next to nothing',
  open: () => openOnDisk({}, 256 * 1024),
})
