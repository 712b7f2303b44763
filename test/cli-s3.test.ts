import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DeleteBucketCommand, GetBucketCorsCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { openBucket, removeVersions, type TestBucket } from './support/bucket.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { ROOT } from './support/process.js'
import { describeReal } from './support/real-server.js'

const cli = useCli()

describeReal('the command line over a real S3 server', server => {
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

  test('bucket: made private, with versions, and opened to the pages of an origin', async () => {
    // A bucket that the tests were given is not ours to set up.
    if (server.bucket !== undefined) return
    const name = `holdfast-test-${randomUUID()}`
    const env = { OBJECT_STORAGE_ACCESS_KEY: server.accessKey, OBJECT_STORAGE_SECRET_KEY: server.secretKey }
    const flags = ['--provider', 'minio', '--endpoint', server.endpoint, '--bucket', name, '--json']
    const on = async (...args: string[]): Promise<{ code: number | null; told: unknown }> => {
      const { code, stdout, stderr } = await cli(['bucket', ...args, ...flags], { env })
      return { code, told: JSON.parse(code === 0 ? stdout : stderr) }
    }
    expect(await on()).toMatchObject({ code: 1, told: { error: { code: 'NO_SUCH_BUCKET' } } })
    const made = { bucket: name, publicAccess: 'blocked', versioning: 'on' }
    expect(await on('create', '--versioning')).toEqual({ code: 0, told: { ...made, created: true } })
    expect(await on('create')).toEqual({ code: 0, told: { ...made, created: false } })
    // Nothing of it needs a storage folder, or makes one.
    expect(readdirSync(cli.folder)).toEqual([])
    // Shut to the public, it takes uploads still.
    const put = ['put', '-', 'k', ...flags]
    expect(await cli(put, { env, input: 'x' })).toMatchObject({ code: 0 })
    expect(await cli(['rm', 'k', '--yes', ...flags], { env })).toMatchObject({ code: 0 })
    const client = bucket.client
    const foreign = { ID: 'other', AllowedOrigins: ['https://other.example'], AllowedMethods: ['GET'] }
    await client.send(new PutBucketCorsCommand({ Bucket: name, CORSConfiguration: { CORSRules: [foreign] } }))
    const origins = async (): Promise<string[]> => {
      const { CORSRules = [] } = await client.send(new GetBucketCorsCommand({ Bucket: name }))
      return CORSRules.flatMap(rule => rule.AllowedOrigins ?? []).sort()
    }
    expect(await on('cors', '--origin', 'https://chat.example/')).toMatchObject({ code: 2 })
    expect((await cli(['bucket', 'cors', '--origin', 'https://chat.example', ...flags], { env })).code).toBe(
      0,
    )
    expect(await origins()).toEqual(['https://chat.example', 'https://other.example'])
    expect((await cli(['bucket', 'cors', '--origin', 'https://new.example', ...flags], { env })).code).toBe(0)
    expect(await origins()).toEqual(['https://new.example', 'https://other.example'])
    expect((await cli(['bucket', 'cors', '--remove', ...flags], { env })).code).toBe(0)
    expect(await origins()).toEqual(['https://other.example'])
    expect(await on('versioning', 'off')).toEqual({ code: 0, told: { versioning: 'suspended' } })
    expect(await on()).toMatchObject({
      code: 0,
      told: { ...made, versioning: 'suspended', cors: [{ origins: ['https://other.example'] }] },
    })
    await removeVersions(client, name, '')
    await client.send(new DeleteBucketCommand({ Bucket: name }))
  })
})

test('bucket: what the server does not know is told as that', async () => {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  const env = environmentOf(accessOf(stub, { bucket: 'fresh' }))
  const made = await cli(['bucket', 'create', '--json'], { env })
  expect(JSON.parse(made.stdout)).toEqual({
    bucket: 'fresh',
    created: true,
    publicAccess: 'unsupported',
    versioning: 'off',
  })
  expect(await cli(['bucket', 'create', 'name'], { env })).toMatchObject({ code: 2 })
  expect(await cli(['bucket'], { env: {} })).toMatchObject({ code: 2 })
})
