import { expect, test } from 'vitest'
import { type Key, parseKey } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { openSource } from '../../core/source.js'
import type {
  Condition,
  ListOptions,
  ObjectStat,
  OperationOptions,
  Store,
  StorePage,
} from '../../core/store.js'
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
  beforeHead = (): Promise<unknown> => Promise.resolve()

  override async head(key: Key, options?: OperationOptions): Promise<ObjectStat> {
    await this.beforeHead()
    return super.head(key, options)
  }

  override async list(options?: ListOptions): Promise<StorePage> {
    const page = await super.list(options)
    await this.onTheWay()
    return { ...page, objects: page.objects.map(object => ({ ...object, etag: 'other' })) }
  }
}

function open(
  store: FarStore,
  now: () => number,
): { index: DueIndex; fates: Fates; expiring: ExpiringStore } {
  const index = new DueIndex(new MemoryTables())
  const fates = new Fates({ store, index, now, logger: silentLogger, isDurable: true })
  const expiring = new ExpiringStore({
    ...{ store, index, fates, now, logger: silentLogger, isDurable: true },
    expect: () => {},
  })
  return { index, fates, expiring }
}

async function put(
  store: Store,
  name: string,
  expiresAt?: number,
  condition?: Condition,
): Promise<ObjectStat> {
  const attributes = { contentType: 'a/b', metadata: {}, ...(expiresAt !== undefined && { expiresAt }) }
  return store.put(parseKey(name), await openSource(Buffer.from(name)), { attributes, ...condition })
}

test('a listing that is on its way while an expired object is removed does not show it', async () => {
  let time = Date.now()
  const now = (): number => time
  const store = new FarStore()
  const { index, fates, expiring } = open(store, now)
  const removed: string[] = []
  store.onTheWay = async () => {
    for (const write of index.due(now(), 10)) {
      if (await fates.settle(write)) removed.push(write.key)
    }
  }
  await put(expiring, 'expiring', time + 1000)
  await put(expiring, 'lasting')
  await put(expiring, 'replaced', time + 1000)
  time += 1000
  await put(expiring, 'replaced')
  const { objects } = await expiring.list()
  expect(removed).toEqual(['expiring'])
  expect(objects.map(({ key }) => key)).toEqual(['lasting', 'replaced'])
  await expiring.close()
})

test('an expired object that is removed while it is asked for under a condition is not there', async () => {
  let time = Date.now()
  const store = new FarStore()
  const { expiring } = open(store, () => time)
  const { etag } = await put(expiring, 'k', time + 1000)
  time += 1000
  store.beforeHead = () => store.delete(parseKey('k'))
  await expect(expiring.get(parseKey('k'), { ifNoneMatch: etag })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expiring.close()
})

test('an expired object of another host that is removed while a new one is created is not in its way', async () => {
  const store = new FarStore()
  const { expiring } = open(store, Date.now)
  await put(store, 'k', Date.now() - 1)
  store.beforeHead = () => store.delete(parseKey('k'))
  await put(expiring, 'k', undefined, { ifNoneMatch: '*' })
  store.beforeHead = () => Promise.resolve()
  await expect(put(expiring, 'k', undefined, { ifNoneMatch: '*' })).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
  })
  await expiring.close()
})
