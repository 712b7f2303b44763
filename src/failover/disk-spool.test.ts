import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseKey } from '../core/key.js'
import { openSource } from '../core/source.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { DiskSpool } from './disk-spool.js'
import type { JournaledPut } from './journal.js'
import { LedgerJournal } from './ledger-journal.js'
import type { Held } from './spool-bytes.js'

const key = parseKey('rooms/a')
const target = 'http://127.0.0.1/bucket'
let folder: string
let root: Root
let journal: LedgerJournal
let spool: DiskSpool

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-spool-'))
  await open()
})
afterEach(async () => {
  await root.close()
  await rm(folder, { recursive: true })
})

async function open(): Promise<void> {
  root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
  journal = new LedgerJournal(root.ledger)
  spool = new DiskSpool(root)
}

async function hold(text: string): Promise<Held> {
  const held = await spool.hold(await openSource(Buffer.from(text)), { key })
  if (held === undefined) throw new Error('It was not held.')
  return held
}

function stateOf({ file, size, sha256 }: Held): JournaledPut {
  const attributes = { contentType: 'text/plain', metadata: {} }
  return { kind: 'put', writeId: 'w', stamp: root.clock.next(), at: 0, file, size, sha256, attributes }
}

async function textIn(file: string): Promise<string> {
  const opened = await spool.open(file, key)
  return (await opened.read(0, opened.size)).toString()
}

describe('small content', () => {
  it('is there with its row, after a restart too, and goes with it', async () => {
    const held = await hold('one')
    expect(await textIn(held.file)).toBe('')
    await journal.commit(key, undefined, { target, state: stateOf(held) }, { content: held })
    expect(await textIn(held.file)).toBe('one')
    expect(spool.pathOf(held.file)).toBeUndefined()
    expect(await readdir(join(folder, '.holdfast', 'objects'))).toEqual([])
    await root.close()
    await open()
    expect(await textIn(held.file)).toBe('one')
    const row = journal.get(key)
    expect(await journal.commit(key, row, { ...row, target, agreedAt: 1 })).toBe(true)
    expect(await textIn(held.file)).toBe('one')
    expect(await journal.commit(key, journal.get(key), undefined)).toBe(true)
    expect(await textIn(held.file)).toBe('')
  })

  it('gives way to what replaces it, in the same commit', async () => {
    const [first, second] = [await hold('one'), await hold('two')]
    await journal.commit(key, undefined, { target, state: stateOf(first) }, { content: first })
    await journal.commit(key, journal.get(key), { target, state: stateOf(second) }, { content: second })
    expect([await textIn(first.file), await textIn(second.file)]).toEqual(['', 'two'])
  })

  it('is not kept where its row was not committed', async () => {
    const [first, late] = [await hold('one'), await hold('late')]
    await journal.commit(key, undefined, { target, state: stateOf(first) }, { content: first })
    const next = { target, state: stateOf(late) }
    expect(await journal.commit(key, undefined, next, { content: late })).toBe(false)
    expect([await textIn(first.file), await textIn(late.file)]).toEqual(['one', ''])
  })

  it('may be empty', async () => {
    const held = await hold('')
    await journal.commit(key, undefined, { target, state: stateOf(held) }, { content: held })
    expect(await textIn(held.file)).toBe('')
  })

  it('is what it was declared to be', async () => {
    const source = await openSource(Buffer.from('one'))
    await expect(spool.hold(source, { key, sha256: 'ab'.repeat(32) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })
})

it('takes what is not small to a file, whether its size is known or not', async () => {
  const bytes = Buffer.alloc(64 * 1024 + 1, 'x')
  async function* pieces(): AsyncGenerator<Buffer> {
    yield bytes
  }
  for (const source of [await openSource(bytes), await openSource(pieces())]) {
    expect(await spool.hold(source, { key })).toBeUndefined()
    const { file, size } = await spool.write(`w-${source.size}`, source, { key })
    expect(size).toBe(bytes.length)
    expect(await textIn(file)).toBe(bytes.toString())
    await source.close()
  }
})
