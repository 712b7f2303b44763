import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type S3Stub, startS3Stub } from '../src/testing/index.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { converged, held, said, storageOver, until } from './support/failover-folder.js'
import { type Child, ROOT, signalGroup, start } from './support/process.js'
import { randomFrom } from './support/random.js'

const CHILD = join(ROOT, 'test', 'support', 'failover-child.mjs')
const CLI = join(ROOT, 'dist', 'cli', 'main.js')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const WINDOW_MS = 2500

let outer: string
let folder: string
let stub: S3Stub

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'holdfast-failover-processes-'))
  folder = join(outer, 'root')
  stub = await startS3Stub()
})
afterEach(async () => {
  await stub.close()
  await rm(outer, { recursive: true, force: true })
})

function bytesOf(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}

/** One change of a key: when it began and ended, by a clock of the whole machine; never, if it was not acknowledged. */
interface Change {
  readonly content: Buffer | null
  readonly begin: number
  end: number
}

/** What several processes have done to each key. */
class History {
  readonly keys = new Map<string, Change[]>()

  add(output: string): void {
    const open = new Map<unknown, Change>()
    for (const { begin, ack, id, at, name, size } of said(output)) {
      if (typeof begin === 'string') {
        const content = typeof name === 'string' ? bytesOf(name, Number(size)) : null
        const change = { content, begin: Number(at), end: Number.POSITIVE_INFINITY }
        this.keys.set(begin, [...(this.keys.get(begin) ?? []), change])
        open.set(id, change)
      }
      const change = open.get(id)
      if (typeof ack === 'string' && change !== undefined) change.end = Number(at)
    }
  }

  /** What a key may hold when all is done: contents that no later acknowledged change has replaced for certain. */
  allowed(key: string): (Buffer | null)[] {
    const changes = this.keys.get(key) ?? []
    const last = Math.max(
      0,
      ...changes.filter(({ end }) => end < Number.POSITIVE_INFINITY).map(({ begin }) => begin),
    )
    const left = changes.filter(({ end }) => end >= last).map(({ content }) => content)
    return last === 0 ? [null, ...left] : left
  }
}

/** A process that changes keys of its own, and others that all of them change. */
class Worker {
  readonly child: Child

  constructor(seed: number) {
    const options = { staleMs: 600, beatMs: 100, tickMs: 50, settleWindowMs: WINDOW_MS, settleQuietMs: 300 }
    this.child = start(process.execPath, [CHILD, 'share', folder, stub.endpoint, String(seed)], {
      env: { HOLDFAST_TEST_OPTIONS: JSON.stringify(options) },
    })
  }

  /** The epoch in which it replicates, as it said last. */
  get epoch(): number | undefined {
    const epoch = said(this.child.stdout()).findLast(line => 'epoch' in line)?.['epoch']
    return typeof epoch === 'number' ? epoch : undefined
  }

  async end(history: History): Promise<void> {
    this.child.process.kill('SIGTERM')
    const { stdout, stderr, code } = await this.child.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    history.add(stdout)
  }
}

describe('processes of one folder, of which the one that replicates', () => {
  it.each(['is killed', 'is stopped and woken'])(
    '%s, have one owner, and lose and undo nothing',
    async how => {
      const rounds = LONG ? 40 : 2
      const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
      process.stdout.write(`seed ${seed}\n`)
      const random = randomFrom(seed)
      // Some requests are a long time on their way: they land after the process that sent them has been replaced.
      stub.fault = ({ operation }) =>
        operation === 'PutObject' && random() < 0.05 ? { delayMs: 300 + random() * 1000 } : undefined
      const history = new History()
      let started = 0
      let workers = [new Worker(seed), new Worker(seed + ++started)]
      for (const { child } of workers) await child.says(/ready/)
      for (let round = 0; round < rounds; round++) {
        await stub.goDown()
        await sleep(200 + random() * 200)
        await stub.comeBack()
        await until('somebody replicates', () => workers.some(({ epoch }) => epoch !== undefined))
        const owner = workers.find(({ epoch }) => epoch !== undefined) as Worker
        const other = workers.find(worker => worker !== owner) as Worker
        const epoch = owner.epoch as number
        if (how === 'is killed') {
          owner.child.process.kill('SIGKILL')
          history.add((await owner.child.ended).stdout)
          workers = [other]
        } else {
          const times = stoppedTimes(owner)
          owner.child.process.kill('SIGUSR2')
          await until('it has stopped', () => stoppedTimes(owner) > times)
        }
        // There is something to replicate, whatever the other does.
        await stub.goDown()
        await sleep(200)
        await stub.comeBack()
        await until('the other has taken over', () => (other.epoch ?? 0) > epoch)
        if (how === 'is killed') {
          const next = new Worker(seed + ++started)
          await next.child.says(/ready/)
          workers.push(next)
        } else {
          owner.child.process.kill('SIGCONT')
          await owner.child.says(/woken/)
          await until('it knows that it was replaced', () => owner.epoch !== epoch)
        }
      }
      for (const worker of workers) await worker.end(history)
      stub.fault = undefined
      const storage = storageOver(stub, folder, { settleWindowMs: WINDOW_MS })
      try {
        await storage.ready()
        await converged(storage)
        expect(storage.getStatus()).toMatchObject({ parked: 0, conflicts: 0 })
        const objects = held(stub)
        for (const key of history.keys.keys()) {
          const found = await storage.downloadFile(key)
          const allowed = history.allowed(key)
          expect(
            allowed.some(content => (content === null ? found === null : found?.equals(content) === true)),
            `${key} (seed ${seed}): ${found?.length} bytes, one of ${allowed.length} expected`,
          ).toBe(true)
          expect(objects.get(key) ?? null).toEqual(found)
        }
      } finally {
        await storage.close()
      }
    },
  )
})

function stoppedTimes({ child }: Worker): number {
  return said(child.stdout()).filter(line => line['stopped'] === true).length
}

function runs([command = '', ...args]: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a second container on the same folder', () => {
  const CONTAINER = ['--pid', '--fork', '--kill-child', '--mount-proc']

  function serve(): Child {
    return start('unshare', [...CONTAINER, process.execPath, CLI, 'serve', '--json', '--port', '0'], {
      cwd: outer,
      env: {
        ...environmentOf(accessOf(stub)),
        LOCAL_STORAGE_PATH: folder,
        HOLDFAST_PROBE_INTERVAL_MS: '100',
      },
    })
  }

  async function urlOf(server: Child): Promise<string> {
    const [line] = await server.says(/\{.*"url".*\}/)
    return JSON.parse(line).url
  }

  it('is refused with the reason, and follows when the first is gone, with all that it had taken', async context => {
    if (!runs(['unshare', ...CONTAINER, 'true'])) {
      context.skip('this machine does not let a PID namespace be made')
    }
    await stub.goDown()
    const first = serve()
    const url = await urlOf(first)
    const taken = await fetch(`${url}/uploads/a.txt`, { method: 'PUT', body: 'taken in the outage' })
    expect(taken.status).toBe(201)

    const refused = await serve().ended
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('CONFIG_INVALID')
    expect(refused.stderr).toMatch(/in use by process 1 of another machine or container/)
    expect(await (await fetch(`${url}/uploads/a.txt`)).text()).toBe('taken in the outage')

    signalGroup(first.process, 'SIGKILL')
    await first.ended
    const second = serve()
    const next = await urlOf(second)
    expect(await (await fetch(`${next}/uploads/a.txt`)).text()).toBe('taken in the outage')
    await stub.comeBack()
    await until('the bucket has it', () => held(stub).has('a.txt'))
    expect(held(stub).get('a.txt')?.toString()).toBe('taken in the outage')
    second.process.kill('SIGTERM')
  })
})

describe('two hosts with folders of their own on one bucket', () => {
  const hostOf = (name: string) => storageOver(stub, join(outer, name))
  /** Lets a host work on its own, and end. */
  async function as(
    name: string,
    work: (storage: ReturnType<typeof hostOf>) => Promise<unknown>,
  ): Promise<void> {
    const storage = hostOf(name)
    try {
      await work(storage)
    } finally {
      await storage.close()
    }
  }
  const drain = (name: string): Promise<void> =>
    as(name, async storage => {
      await storage.ready()
      await converged(storage)
    })

  it('let a put win over a delete that did not know of it', async () => {
    await as('a', storage => storage.uploadFile(Buffer.from('old'), 'k'))
    await stub.goDown()
    await as('a', storage => storage.deleteFile('k'))
    await stub.comeBack()
    await as('b', storage => storage.uploadFile(Buffer.from('new'), 'k'))
    await drain('a')
    expect(held(stub).get('k')?.toString()).toBe('new')
    await as('a', async storage => expect((await storage.downloadFile('k'))?.toString()).toBe('new'))
  })

  it.each([
    ['older', 'newer'],
    ['newer', 'older'],
  ])('keep both versions of what both wrote: the %s comes to the bucket first', async (first, second) => {
    await stub.goDown()
    // Their stamps are of one clock here, and so in the order of the writes.
    await as('older', storage => storage.uploadFile(Buffer.from('older'), 'k'))
    await as('newer', storage => storage.uploadFile(Buffer.from('newer'), 'k'))
    await stub.comeBack()
    await drain(first)
    await drain(second)
    expect(held(stub).get('k')?.toString()).toBe('newer')
    await as(second, async storage => {
      await storage.ready()
      expect(storage.getStatus()).toMatchObject({ conflicts: 1, pending: 0 })
      expect((await storage.downloadFile('k'))?.toString()).toBe('newer')
    })
    await as(first, async storage => {
      expect((await storage.downloadFile('k'))?.toString()).toBe('newer')
      expect(storage.getStatus()).toMatchObject({ conflicts: 0, pending: 0 })
    })
  })
})
