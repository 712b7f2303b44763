import { afterAll, describe, it } from 'vitest'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { serviceConformance, storeConformance } from '../src/testing/index.js'

const runner = { describe, it, afterAll }

storeConformance({
  ...runner,
  name: 'the memory store',
  randomKeys: 10_000,
  declaredSkips: {
    presign: 'nothing serves the memory of a process by URL',
    storageClasses: 'memory is of one class',
    versions: 'it keeps the current object only',
  },
  open: async () => {
    const store = new MemoryStore()
    return { store, close: () => store.close() }
  },
})

serviceConformance({
  ...runner,
  name: 'the service on the memory store',
  declaredSkips: { presign: 'nothing serves the memory of a process by URL' },
  open: async () => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    return { storage, close: async () => void (await storage.close()) }
  },
})
