import { randomUUID } from 'node:crypto'
import { conformance } from './support/conformance.js'
import { describeReal } from './support/real-server.js'
import { realS3 } from './support/stores.js'

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
