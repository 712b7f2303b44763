// Uploads, overwrites and removes below a quota from many places at once, until it is killed. More of the configuration
// than its folder may be given as JSON in HOLDFAST_TEST_CONFIG.
import { pathToFileURL } from 'node:url'

const [, , main, folder, name, writers, maxBytes] = process.argv
const { StorageService } = await import(pathToFileURL(main).href)
const config = { localStoragePath: folder, ...JSON.parse(process.env.HOLDFAST_TEST_CONFIG ?? '{}') }
const storage = new StorageService({ config })
const scope = storage.scope('rooms/42/', { maxBytes: Number(maxBytes) })

async function write(writer) {
  for (let i = 0; ; i++) {
    const key = i % 3 === 0 ? 'shared' : `${name}-${writer}-${i % 5}`
    try {
      if (i % 4 === 3) await scope.deleteFile(key)
      else await scope.uploadFile(Buffer.alloc((i * 37 + Number(writer)) % 200), key)
    } catch (error) {
      if (error.code !== 'QUOTA_EXCEEDED') throw error
      process.stdout.write('refused\n')
    }
    if (i === 0) process.stdout.write('writing\n')
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)))
