import { randomUUID } from 'node:crypto'
import { afterAll, describe, it } from 'vitest'
import { type ConformanceOptions, serviceConformance, storeConformance } from '../src/testing/index.js'
import { describeReal } from './support/real-server.js'
import { behindTheDisk, localFiles, memory, type Place, realS3, s3Stub } from './support/stores.js'

type Options = Omit<ConformanceOptions, 'describe' | 'it' | 'afterAll' | 'name'>

/** Runs both suites over a place: over its store, and over the service on it. */
function conformance(name: string, place: Place, options: Options = {}): void {
  const randomKeys = process.env['HOLDFAST_TEST_LONG'] === '1' ? 10_000 : 2000
  const all = { describe, it, afterAll, randomKeys, ...options }
  storeConformance({ ...all, name: `${name}: the store`, open: () => place.openStore() })
  serviceConformance({ ...all, name: `${name}: the service`, open: () => place.openService() })
}

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

conformance('an S3 server as Amazon documents it', s3Stub, { listsOtherEtags: true })

const behind = behindTheDisk()
serviceConformance({
  describe,
  it,
  afterAll,
  randomKeys: 1000,
  name: 'an S3 server behind the local disk: the service',
  listsOtherEtags: true,
  fetch: behind.fetch,
  open: () => behind.openService(),
})

describeReal('a real S3 server', server => {
  conformance('S3', realS3(server), {
    listsOtherEtags: true,
    // In a bucket that the tests were given, all that they write lies in one folder.
    keyPrefix: server.bucket === undefined ? undefined : `holdfast-test-${randomUUID()}/`,
    declaredSkips: {
      conditionalMultipart: 'the server ignores conditions on CompleteMultipartUpload',
      conditionalDelete: 'the server ignores conditions on DeleteObject',
    },
  })
})
