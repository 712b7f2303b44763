import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startBottomless } from './support/bottomless-s3.js'
import { useCli } from './support/cli.js'
import { start } from './support/process.js'

const MIB = 1024 * 1024
const size = (process.env['HOLDFAST_TEST_LONG'] === '1' ? 4096 : 512) * MIB

/** What the child does: a stream of unknown length through put, then all of it through get. */
const PROGRAM = `
const [base, endpoint, size] = process.argv.slice(1)
const load = name => import(new URL(name, base))
const [{ S3Store }, { openSource }, { Readable }] = await Promise.all([
  load('stores/s3/index.js'), load('core/source.js'), import('node:stream'),
])
const store = new S3Store({ endpoint, region: 'us-east-1', bucket: 'large', credentials: { accessKeyId: 'a', secretAccessKey: 's' } })
const block = Buffer.alloc(${MIB}, 'holdfast keeps what it was given; ')
const content = Readable.from((function* () {
  for (let left = Number(size); left > 0; left -= block.length) yield block
})(), { objectMode: false })
const stat = await store.put('large', await openSource(content), { attributes: { contentType: 'a/b', metadata: {} } })
const { body } = await store.get('large')
let read = 0
for await (const chunk of body) read += chunk.length
await store.close()
console.log(JSON.stringify({ stored: stat.size, read, peakBytes: process.resourceUsage().maxRSS * 1024 }))
`

describe('memory', () => {
  const cli = useCli()

  it(`stays under 200 MB while ${size / MIB} MiB of unknown length go up and come down`, async () => {
    const server = await startBottomless()
    try {
      const base = pathToFileURL(join(cli.main, '..', '..', '/')).href
      const child = start(process.execPath, [
        '--input-type=module',
        '-e',
        PROGRAM,
        base,
        server.endpoint,
        String(size),
      ])
      const { code, stdout, stderr } = await child.ended
      expect(stderr).toBe('')
      expect(code).toBe(0)
      const { stored, read, peakBytes } = JSON.parse(stdout)
      expect([stored, read]).toEqual([size, size])
      expect(peakBytes).toBeLessThan(200e6)
      process.stdout.write(`peak memory: ${(peakBytes / 1e6).toFixed(0)} MB\n`)
    } finally {
      await server.close()
    }
  }, 600_000)
})
