import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openBucket } from './support/bucket.js'
import { type Child, signalGroup, start } from './support/process.js'
import { describeReal } from './support/real-server.js'

/** A server must have drained and its port be free by then. */
const DRAIN_MS = 5_000

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-start-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

function npmStart(env: Record<string, string> = {}, args: string[] = []): Child {
  return start('npm', ['start', '--', ...args], {
    env: { LOCAL_STORAGE_PATH: folder, HOLDFAST_PORT: '0', ...env },
  })
}

async function served(child: Child): Promise<URL> {
  const [, url = ''] = await child.says(/^ +at +(http:\/\/127\.0\.0\.1:\d+)$/m)
  return new URL(url)
}

/** An upload that the server has begun to take, and has half of. @returns how to send the rest, and get the status */
async function halfUpload(url: URL): Promise<() => Promise<number | undefined>> {
  const upload = request(new URL('/uploads/slow.bin', url), {
    method: 'PUT',
    headers: { 'content-length': 2_000_000, expect: '100-continue' },
  })
  const answered = once(upload, 'response')
  answered.catch(() => {}) // reported by the function returned
  upload.flushHeaders()
  await once(upload, 'continue')
  await new Promise<void>(resolve => upload.write(Buffer.alloc(1_000_000), () => resolve()))
  return async () => {
    upload.end(Buffer.alloc(1_000_000))
    const [response] = await answered
    response.resume()
    return response.statusCode
  }
}

const isFree = async (url: URL): Promise<boolean> => {
  const server = createServer().listen(Number(url.port), url.hostname)
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

describe('npm start', () => {
  test('says what it serves, from where and what to try, and stores what it is given', async () => {
    const child = npmStart()
    const url = await served(child)
    const put = await fetch(new URL('/uploads/a/b.txt', url), { method: 'PUT', body: 'hello' })
    expect(put.ok).toBe(true)
    expect(await (await fetch(new URL('/uploads/a/b.txt', url))).text()).toBe('hello')
    const said = child.stdout()
    expect(said).toContain(folder)
    expect(said).toContain('curl')
    // Beside the lines that npm begins with ">".
    expect(said.split('\n').filter(line => /^[^>]/.test(line)).length).toBeLessThan(10)
  })

  test('is up within 2 s the second time, without network', async () => {
    const yardsticks: number[] = []
    const tries: number[] = []
    for (let i = 0; i < 3; i++) {
      const beganAt = performance.now()
      await start('npm', ['--version']).ended
      const startedAt = performance.now()
      const child = npmStart({ npm_config_registry: 'http://127.0.0.1:9/' })
      await served(child)
      yardsticks.push(startedAt - beganAt)
      tries.push(performance.now() - startedAt)
      signalGroup(child.process, 'SIGINT')
      await child.ended
    }
    // A busy machine is given longer: npm alone takes a third of a second on an idle one.
    expect(Math.min(...tries)).toBeLessThan(Math.max(2_000, 6 * Math.min(...yardsticks)))
  })

  test('says in one line that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const child = npmStart({ HOLDFAST_PORT: String(port) })
    const { code, stderr } = await child.ended
    expect(code).not.toBe(0)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(String(port))
    expect(stderr).toMatch(/in use/)
  })
})

describeReal("npm start with the specification's variables", server => {
  test.each(['s3', 'minio'])('serves from a bucket of %s', async provider => {
    const { bucket, prefix, client, remove } = await openBucket(server)
    const settings = {
      OBJECT_STORAGE_ENABLED: 'true',
      OBJECT_STORAGE_PROVIDER: provider,
      OBJECT_STORAGE_BUCKET: bucket,
      OBJECT_STORAGE_ENDPOINT: server.endpoint,
      OBJECT_STORAGE_ACCESS_KEY: server.accessKey,
      OBJECT_STORAGE_SECRET_KEY: server.secretKey,
      OBJECT_STORAGE_REGION: server.region,
    }
    const file = join(folder, '.env')
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}  # set\n`)
        .join(''),
    )
    const child = npmStart({}, ['--env-file', file])
    const url = new URL(`/uploads/${prefix}hello.txt`, await served(child))
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(201)
    expect(await (await fetch(url)).text()).toBe('hello')
    // While the folder is looked through for files from before, uploads are taken there first, and brought over at once.
    const stored = async (): Promise<string | undefined> => {
      const command = new GetObjectCommand({ Bucket: bucket, Key: `${prefix}hello.txt` })
      const found = await client.send(command).catch(() => undefined)
      return found?.Body?.transformToString()
    }
    await expect.poll(stored, { timeout: 20_000 }).toBe('hello')
    expect(child.stdout()).toContain(bucket)
    expect(child.stdout() + child.stderr()).not.toContain(server.secretKey)
    await remove()
  })
})

const shells = ['sh', 'bash'].filter(shell => spawnSync(shell, ['-c', 'true']).status === 0)

// Some shells stay between npm and the server and some give way to it: then npm's signals reach it directly.
describe.each(shells)('npm start by way of %s drains and frees the port', shell => {
  const ends: Readonly<Record<string, (child: Child) => void>> = {
    'on SIGTERM to npm': child => void child.process.kill('SIGTERM'),
    'on Ctrl-C': child => signalGroup(child.process, 'SIGINT'),
    'when the terminal is closed': child => {
      child.process.stdout?.destroy()
      child.process.stderr?.destroy()
      signalGroup(child.process, 'SIGHUP')
    },
  }

  test.each(Object.keys(ends))('%s', async how => {
    const child = npmStart({ npm_config_script_shell: shell })
    const url = await served(child)
    const finish = await halfUpload(url)
    const startedAt = performance.now()
    ends[how]?.(child)
    await new Promise(resolve => setTimeout(resolve, 600)) // the server has noticed by now
    expect(await finish()).toBe(201)
    await expect.poll(() => isFree(url), { timeout: DRAIN_MS }).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(DRAIN_MS)
  })
})
