import { once } from 'node:events'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { until } from './support/http.js'
import { start } from './support/process.js'

const cli = useCli()

let stub: S3Stub
let env: Record<string, string>

beforeEach(async () => {
  stub = await startS3Stub()
  onTestFinished(() => stub.close())
  env = {
    ...environmentOf(accessOf(stub)),
    HOLDFAST_PROBE_INTERVAL_MS: '200',
    HOLDFAST_SPOOL_RESERVE_BYTES: '0',
    HOLDFAST_PORT: '0',
  }
})

const run = (...args: string[]): Promise<Outcome> => cli(args, { env })

/** A process that uses the folder, as a server does. */
function nextDoor(): StorageService {
  const storage = new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      localStoragePath: join(cli.folder, 'uploads'),
      probeIntervalMs: 200,
      spoolReserveBytes: 0,
    },
  })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return storage
}

/** The bucket answers, and takes no writes: what only asks whether it is there finds all well. */
const takesNoWrites: S3Stub['fault'] = request =>
  request.method === 'PUT' || request.method === 'DELETE' ? { status: 503, body: 'no' } : undefined

describe('status', () => {
  test('is never healthy while a server next door is cut off, and is again when that is over', async () => {
    const server = nextDoor()
    await server.uploadFile(Buffer.from('before'), 'before')
    expect((await run('status')).code).toBe(0)
    stub.fault = takesNoWrites
    await until(async () => {
      await server.uploadFile(Buffer.from('during'), 'during')
      return server.getStatus().fallbackMode
    })
    let seen: Outcome | undefined
    await until(async () => {
      seen = await run('status', '--json')
      return seen.stdout.includes('PROCESS_AWAY')
    })
    expect(seen?.code).toBe(4)
    const found = JSON.parse(seen?.stdout ?? '')
    expect(found).toMatchObject({ state: 'degraded', pending: 1, pendingBytes: 6 })
    expect(found.processes).toEqual([
      expect.objectContaining({
        pid: process.pid,
        writes: expect.objectContaining({ code: 'UNAVAILABLE', since: expect.any(String) }),
      }),
    ])
    const { stdout } = await run('status')
    expect(stdout).toMatch(/^state +degraded: /)
    expect(stdout).toMatch(new RegExp(`^process ${process.pid} +writes away for .* \\(UNAVAILABLE\\)`, 'm'))
    expect(stdout).not.toContain(stub.credentials.secretAccessKey)
    stub.fault = undefined
    await until(async () => (await run('status')).code === 0)
    expect((await run('status')).stdout).toMatch(/^state +healthy\n/)
  }, 120_000)

  test('counts nothing that a dead process has said', async () => {
    const server = start(process.execPath, [cli.main, 'serve', '--json'], {
      cwd: cli.folder,
      env: cli.env(env),
    })
    const [, url = ''] = await server.says(/"url":"([^"]+)"/)
    const put = (): Promise<Response> => fetch(`${url}/uploads/k`, { method: 'PUT', body: 'x' })
    expect((await put()).status).toBe(201)
    stub.fault = takesNoWrites
    expect((await put()).status).toBe(201)
    await until(async () => {
      await put()
      return (await run('status', '--json')).stdout.includes('PROCESS_AWAY')
    })
    server.process.kill('SIGKILL')
    await server.ended
    const { stdout } = await run('status', '--json')
    expect(JSON.parse(stdout).processes).toEqual([])
    expect(stdout).not.toContain('PROCESS_AWAY')
  }, 120_000)

  test('exits with 5 while something waits, though the object store is there', async () => {
    stub.fault = takesNoWrites
    expect((await cli(['put', '-', 'k'], { env, input: 'x' })).code).toBe(0)
    stub.fault = request =>
      request.method === 'PUT' && request.key === 'k'
        ? { status: 400, body: '<Error><Code>EntityTooLarge</Code><Message>No</Message></Error>' }
        : undefined
    await until(async () => {
      const { code, stdout } = await run('status', '--json')
      const { parked, state } = JSON.parse(stdout)
      if (parked !== 1) return false
      expect([code, state]).toEqual([5, 'degraded'])
      return true
    })
    expect((await run('status')).stdout).toMatch(/^to do +"holdfast spool ls" tells/m)
  }, 120_000)
})

describe('status --watch', () => {
  test('prints an object a second with --json, as things change, until interrupted', async () => {
    const server = nextDoor()
    await server.uploadFile(Buffer.from('before'), 'before')
    const watching = start(process.execPath, [cli.main, 'status', '--watch', '--json'], {
      cwd: cli.folder,
      env: cli.env(env),
    })
    await watching.says(/"state":"healthy"/)
    await stub.goDown()
    await watching.says(/"state":"degraded"/)
    await stub.comeBack()
    await watching.says(/"state":"degraded"[\s\S]*"state":"healthy"/)
    watching.process.kill('SIGINT')
    const { code, stdout, stderr } = await watching.ended
    expect(code).toBe(0)
    expect(stderr).not.toContain('Interrupted')
    expect(ndjson(stdout).length).toBeGreaterThan(2)
  })

  test('draws on a terminal, in colour', async context => {
    const terminal = start('script', ['--version'])
    const hasScript = await terminal.ended.then(
      ({ stdout }) => stdout.includes('util-linux'),
      () => false,
    )
    if (!hasScript) context.skip('there is no util-linux script to give it a terminal')
    await run('put', '-', 'k')
    const command = `exec '${process.execPath}' '${cli.main}' status --watch`
    const watching = start('script', ['-qefc', command, '/dev/null'], { cwd: cli.folder, env: cli.env(env) })
    const [frame] = await watching.says(/state[\s\S]*Ctrl-C ends[\s\S]*state[\s\S]*Ctrl-C ends/)
    expect(frame).toContain('\u001b[32mhealthy')
    const ended = once(watching.process, 'close')
    process.kill(-(watching.process.pid as number), 'SIGINT')
    await ended
  })

  test('asks for a terminal otherwise', async () => {
    const { code, stderr } = await cli(['status', '--watch'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('--watch')
  })
})
