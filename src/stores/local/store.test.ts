import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { storeConformance } from '../../testing/conformance.js'
import { openRoot } from './root.js'
import { LocalStore } from './store.js'

storeConformance({
  describe,
  it,
  afterAll,
  name: 'LocalStore',
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-local-'))
    const root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
    const store = await LocalStore.open(root)
    return {
      store,
      close: async () => {
        await store.close()
        await root.close()
        await rm(folder, { recursive: true })
      },
    }
  },
})
