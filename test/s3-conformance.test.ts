import { afterAll, describe, it } from 'vitest'
import { S3Store } from '../src/stores/s3/store.js'
import { type S3StubOptions, startS3Stub, storeConformance } from '../src/testing/index.js'

const runner = { describe, it, afterAll }

function open(options: S3StubOptions) {
  return async () => {
    const stub = await startS3Stub(options)
    const store = new S3Store({
      endpoint: stub.endpoint,
      region: stub.credentials.region,
      bucket: 'stub',
      credentials: stub.credentials,
    })
    await store.learn()
    return {
      store,
      close: async () => {
        await store.close()
        await stub.close()
      },
    }
  }
}

storeConformance({ ...runner, name: 'the S3 store, on a server with every condition,', open: open({}) })

storeConformance({
  ...runner,
  name: 'the S3 store, on a server that ignores most conditions and names no requests,',
  declaredSkips: {
    conditionalMultipart: 'so this server was set up',
    conditionalDelete: 'so this server was set up',
  },
  open: open({
    conditions: { put: 'bare', complete: 'ignored', delete: 'ignored', copySource: 'ignored' },
    requestIds: false,
  }),
})
