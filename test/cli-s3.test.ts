import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBucket, type TestBucket } from './support/bucket.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { ROOT } from './support/process.js'
import { describeReal } from './support/real-server.js'

describeReal('the command line over a real S3 server', server => {
  const cli = useCli()
  let bucket: TestBucket
  beforeAll(async () => {
    bucket = await openBucket(server)
  })
  afterAll(() => bucket.remove())

  /** Runs a command on the bucket; every argument that begins with `@` is a key in the suite's part of it. */
  const run = (args: readonly string[], input?: string): Promise<Outcome> => {
    const flags = ['--provider', 'minio', '--endpoint', server.endpoint, '--region', server.region]
    const keys = args.map(arg => (arg.startsWith('@') ? bucket.prefix + arg.slice(1) : arg))
    const env = { OBJECT_STORAGE_ACCESS_KEY: server.accessKey, OBJECT_STORAGE_SECRET_KEY: server.secretKey }
    return cli([...keys, ...flags, '--bucket', bucket.bucket], { env, ...(input !== undefined && { input }) })
  }

  test('put, get, ls, stat, cp, mv, rm', async () => {
    const put = await run(['put', '-', '@dir/ü 1.txt', '--metadata', 'room=Größe', '--json'], 'content')
    expect(put).toMatchObject({ code: 0, stderr: '' })
    expect(ndjson(put.stdout)).toEqual([
      expect.objectContaining({ provider: 'minio', bucket: bucket.bucket, size: 7, fallback: false }),
    ])
    expect(await run(['get', '@dir/ü 1.txt', '-'])).toMatchObject({ code: 0, stdout: 'content' })
    expect(JSON.parse((await run(['stat', '@dir/ü 1.txt', '--json'])).stdout)).toMatchObject({
      metadata: { room: 'Größe' },
      contentType: 'text/plain',
    })
    expect(await run(['cp', '@dir/ü 1.txt', '@dir/2'])).toMatchObject({ code: 0 })
    expect(await run(['mv', '@dir/2', '@dir/sub/3'])).toMatchObject({ code: 0 })
    expect((await run(['ls', '@dir/'])).stdout).toBe(
      `${bucket.prefix}dir/sub/\n${bucket.prefix}dir/ü 1.txt\n`,
    )
    expect(await run(['rm', '@dir/2'])).toMatchObject({ code: 3 })
    expect(await run(['rm', '@dir/2', '--force'])).toMatchObject({ code: 0 })
    expect(await run(['rm', '-r', '@dir', '--yes'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Removed 2 files'),
    })
    expect(await run(['ls', '-r', '@dir/'])).toMatchObject({ code: 0, stdout: '' })
    expect(await run(['get', '@dir/2', '-'])).toMatchObject({ code: 3, stdout: '' })
    // The net under the bucket, made by the first put.
    expect(readdirSync(cli.folder)).toEqual(['uploads'])
  })

  test('a tree goes in and comes back byte for byte', async () => {
    cpSync(join(ROOT, 'node_modules', 'commander'), join(cli.folder, 'tree'), { recursive: true })
    mkdirSync(join(cli.folder, 'tree', 'odd'))
    writeFileSync(join(cli.folder, 'tree', 'odd', '+%&?#\'"<世界>=~ '), 'odd')
    const large = Buffer.alloc(17 * 1024 * 1024, 'more than one part ')
    writeFileSync(join(cli.folder, 'tree', 'large'), large)
    const names = readdirSync(join(cli.folder, 'tree'), {
      recursive: true,
      withFileTypes: true,
      encoding: 'utf8',
    })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(cli.folder.length + '/tree/'.length))
    expect(await run(['put', '-r', 'tree', '@tree/'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`Stored ${names.length} files`),
    })
    expect(await run(['get', '-r', '@tree/', 'out'])).toMatchObject({ code: 0 })
    for (const name of names) {
      const [before, after] = ['tree', 'out'].map(folder => readFileSync(join(cli.folder, folder, name)))
      expect({ name, same: after?.equals(before ?? Buffer.of()) }).toEqual({ name, same: true })
    }
  })

  test('status and presign', async () => {
    expect(JSON.parse((await run(['status', '--json'])).stdout)).toMatchObject({
      provider: 'minio',
      state: 'healthy',
    })
    await run(['put', '-', '@signed'], 'signed content')
    const url = (await run(['presign', '@signed', '--expires', '5m', '--download-as', 'x.txt'])).stdout.trim()
    const answer = await fetch(url)
    expect([await answer.text(), answer.headers.get('content-disposition')]).toEqual([
      'signed content',
      'attachment; filename="x.txt"',
    ])
  })

  test('wrong credentials and a missing bucket are told as what they are', async () => {
    const flags = ['--provider', 'minio', '--endpoint', server.endpoint, '--region', server.region]
    const wrong = {
      OBJECT_STORAGE_ACCESS_KEY: server.accessKey,
      OBJECT_STORAGE_SECRET_KEY: 'planted-wrong-secret',
    }
    const refused = await cli(['ls', ...flags, '--bucket', bucket.bucket], { env: wrong })
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('(UNAUTHENTICATED)'),
    })
    expect(refused.stderr).not.toContain('planted')
    const env = { OBJECT_STORAGE_ACCESS_KEY: server.accessKey, OBJECT_STORAGE_SECRET_KEY: server.secretKey }
    const missing = await cli(['status', ...flags, '--bucket', 'holdfast-no-such-bucket'], { env })
    expect(missing).toMatchObject({ code: 4, stdout: expect.stringContaining('NO_SUCH_BUCKET') })
  })
})
