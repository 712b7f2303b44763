import { conformance, conformanceOfService } from './support/conformance.js'
import { behindTheDisk, s3Stub } from './support/stores.js'

conformance('an S3 server as Amazon documents it', s3Stub, { listsOtherEtags: true })

const behind = behindTheDisk()
conformanceOfService('an S3 server behind the local disk', behind, {
  randomKeys: 1000,
  listsOtherEtags: true,
  fetch: behind.fetch,
})
