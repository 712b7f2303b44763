import { expect, test } from 'vitest'
import { parseKey } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { openSource } from '../../core/source.js'
import type { ListOptions, StorePage } from '../../core/store.js'
import { MemoryStore } from '../../stores/memory.js'
import { MemoryTables } from '../memory-tables.js'
import { DueIndex } from './due-index.js'
import { ExpiringStore } from './expiring-store.js'
import { Fates } from './fates.js'

/** An object store: it lists ETags that are not the names of writes, and its answers may be on their way for a while. */
class FarStore extends MemoryStore {
  // For the type, what holds objects in memory is a store of another kind.
  override readonly kind = 's3' as never
  onTheWay = async (): Promise<void> => {}

  override async list(options?: ListOptions): Promise<StorePage> {
    const page = await super.list(options)
    await this.onTheWay()
    return { ...page, objects: page.objects.map(object => ({ ...object, etag: 'other' })) }
  }
}

test('a listing that is on its way while an expired object is removed does not show it', async () => {
  let time = Date.now()
  const now = (): number => time
  const store = new FarStore()
  const index = new DueIndex(new MemoryTables())
  const fates = new Fates({ store, index, now, logger: silentLogger, isDurable: true })
  const expiring = new ExpiringStore({
    ...{ store, index, fates, now, logger: silentLogger, isDurable: true },
    expect: () => {},
  })
  const put = async (name: string, expiresAt?: number): Promise<void> => {
    const attributes = { contentType: 'a/b', metadata: {}, ...(expiresAt !== undefined && { expiresAt }) }
    await expiring.put(parseKey(name), await openSource(Buffer.from(name)), { attributes })
  }
  const removed: string[] = []
  store.onTheWay = async () => {
    for (const write of index.due(now(), 10)) {
      if (await fates.settle(write)) removed.push(write.key)
    }
  }
  await put('expiring', time + 1000)
  await put('lasting')
  await put('replaced', time + 1000)
  time += 1000
  await put('replaced')
  const { objects } = await expiring.list()
  expect(removed).toEqual(['expiring'])
  expect(objects.map(({ key }) => key)).toEqual(['lasting', 'replaced'])
  await expiring.close()
})
