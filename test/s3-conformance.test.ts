import { afterAll, describe, it } from 'vitest'
import { S3Store } from '../src/stores/s3/store.js'
import { startS3Stub, storeConformance } from '../src/testing/index.js'

storeConformance({
  describe,
  it,
  afterAll,
  name: 'the S3 store, on a server that ignores most conditions and names no requests,',
  declaredSkips: {
    conditionalMultipart: 'so this server was set up',
    conditionalDelete: 'so this server was set up',
  },
  open: async () => {
    const stub = await startS3Stub({
      conditions: { put: 'bare', complete: 'ignored', delete: 'ignored', copySource: 'ignored' },
      requestIds: false,
    })
    const store = new S3Store({
      endpoint: stub.endpoint,
      region: stub.credentials.region,
      bucket: 'stub',
      credentials: stub.credentials,
    })
    await store.learn()
    return {
      store,
      tagsOf: async key =>
        Object.fromEntries(new URLSearchParams(stub.buckets.get('stub')?.find(key).tagging ?? '')),
      close: async () => {
        await store.close()
        await stub.close()
      },
    }
  },
})
