import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Ledger } from './ledger.js'

async function openLedger(): Promise<{ ledger: Ledger; path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-scrub-'))
  let version = 0
  const ledger = await Ledger.open(path, { nextVersion: () => ++version, onPoisoned: () => {} })
  onTestFinished(async () => {
    await ledger.close()
    await rm(path, { recursive: true })
  })
  return { ledger, path }
}

const SIZES = [30, 200, 1500, 1990, 2100, 4000, 4100, 9000, 60_000]

/** Content that is found wherever a part of it is. */
function marked(size: number): { mark: string; content: Buffer } {
  const mark = randomBytes(12).toString('hex')
  return { mark, content: Buffer.from(`${mark} `.repeat(Math.ceil(size / 25)).slice(0, size)) }
}

test('nothing of what was removed is left in the file, and everything else is as it was', async () => {
  const { ledger, path } = await openLedger()
  const names = ledger.table<string>('names')
  const journal = ledger.table<string>('journal')
  const gone: string[] = []
  const kept = new Map<string, Buffer>()
  for (let i = 0; i < 400; i++) {
    const id = randomUUID()
    const key = Buffer.from(`rooms/${i % 7}/${i}`)
    const { mark, content } = marked(SIZES[i % SIZES.length] ?? 0)
    const text = marked(60)
    await ledger.commit([], version => {
      ledger.putBytes(id, content)
      journal.put(key, text.content.toString(), version)
      names.put(key, text.content.toString(), version)
    })
    if (i % 3 === 0) kept.set(id, content)
    else {
      gone.push(mark, text.mark)
      await ledger.commit([], version => {
        ledger.removeBytes(id)
        if (i % 3 === 1) journal.remove(key)
        else journal.put(key, 'short', version)
        names.remove(key)
      })
    }
  }
  const found = async (): Promise<string[]> => {
    const file = (await readFile(join(path, 'data.mdb'))).toString('latin1')
    return gone.filter(mark => file.includes(mark))
  }
  expect((await found()).length).toBeGreaterThan(0)
  const before = [journal.range(Buffer.alloc(0), undefined, 1000), names.count()]
  await ledger.scrub()
  expect(await found()).toEqual([])
  expect([journal.range(Buffer.alloc(0), undefined, 1000), names.count()]).toEqual(before)
  for (const [id, content] of kept) expect(ledger.bytesOf(id).equals(content)).toBe(true)
  // A second time there is little to fill.
  const size = (await readFile(join(path, 'data.mdb'))).length
  await ledger.scrub([])
  expect((await readFile(join(path, 'data.mdb'))).length - size).toBeLessThan(8 * 1024 * 1024)
})

test('of a large table only the places of the keys are looked at', async () => {
  const { ledger, path } = await openLedger()
  const journal = ledger.table<string>('journal')
  const key = (i: number): Buffer => Buffer.from(`key ${String(i).padStart(6, '0')}`)
  const COUNT = 12_000
  for (let at = 0; at < COUNT; at += 1000) {
    await ledger.commit([], version => {
      for (let i = at; i < at + 1000; i++) journal.put(key(i), 'x'.repeat(40), version)
    })
  }
  const gone = [0, 5, 4999, 7000, COUNT - 1]
  const marks = gone.map(() => marked(40))
  for (const [index, i] of gone.entries()) {
    await ledger.commit([], version => journal.put(key(i), marks[index]?.content.toString() ?? '', version))
  }
  for (const i of gone) await ledger.commit([], () => journal.remove(key(i)))
  await ledger.scrub(gone.map(i => key(i).toString()))
  const file = (await readFile(join(path, 'data.mdb'))).toString('latin1')
  expect(marks.filter(({ mark }) => file.includes(mark))).toEqual([])
  expect(journal.count()).toBe(COUNT - gone.length)
})
