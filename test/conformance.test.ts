import { afterAll, describe, it } from 'vitest'
import { MemoryStore } from '../src/stores/memory.js'
import { storeConformance } from '../src/testing/index.js'

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
