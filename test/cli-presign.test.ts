import { expect, onTestFinished, test } from 'vitest'
import { startS3Stub } from '../src/testing/index.js'
import { useCli } from './support/cli.js'

const cli = useCli()
const URL_OF_SERVER = 'https://files.example.com'

/** The environment of a bucket that a test can stop. */
async function openBucket() {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  const env = {
    OBJECT_STORAGE_ENABLED: 'true',
    OBJECT_STORAGE_PROVIDER: 'minio',
    OBJECT_STORAGE_BUCKET: 'stub',
    OBJECT_STORAGE_ENDPOINT: stub.endpoint,
    OBJECT_STORAGE_ACCESS_KEY: stub.credentials.accessKeyId,
    OBJECT_STORAGE_SECRET_KEY: stub.credentials.secretAccessKey,
    HOLDFAST_SPOOL_RESERVE_BYTES: '0',
  }
  const presign = (...flags: string[]) => cli(['presign', 'a/b', ...flags], { env })
  return { stub, env, presign }
}

test('presign over a bucket gives the URL of the server where that is known', async () => {
  const { stub, env, presign } = await openBucket()
  expect(await cli(['put', '-', 'a/b'], { env, input: 'x' })).toMatchObject({ code: 0 })
  for (const method of ['GET', 'PUT']) {
    const own = await presign('--method', method, '--public-url', URL_OF_SERVER)
    expect(own).toMatchObject({ code: 0, stderr: '' })
    expect(own.stdout).toMatch(/^https:\/\/files\.example\.com\/uploads\/a\/b\?expires=\d+&signature=\S+\n$/)
    const direct = await presign('--method', method, '--public-url', URL_OF_SERVER, '--direct')
    expect(direct).toMatchObject({ code: 0, stderr: '' })
    expect(direct.stdout.startsWith(`${stub.endpoint}/stub/a/b?`)).toBe(true)
  }
  expect((await presign()).stdout.startsWith(`${stub.endpoint}/stub/a/b?`)).toBe(true)
})

test('presign says where it cannot', async () => {
  const { stub, presign } = await openBucket()
  // There is no storage folder, and a verb that signs makes none.
  const { code, stdout, stderr } = await presign('--public-url', URL_OF_SERVER)
  expect([code, stdout.startsWith(`${stub.endpoint}/stub/a/b?`)]).toEqual([0, true])
  expect(stderr).toMatch(/ends with an outage/)
})
