import { conformance } from './support/conformance.js'
import { localFiles, memory } from './support/stores.js'

conformance('memory', memory, {
  randomKeys: 10_000,
  declaredSkips: {
    presign: 'nothing serves the memory of a process by URL',
    storageClasses: 'memory is of one class',
  },
})

const local = localFiles()
conformance('local files', local, {
  fetch: local.fetch,
  declaredSkips: { storageClasses: 'a disk is of one class' },
})
