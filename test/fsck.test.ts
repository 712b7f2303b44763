import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { open as openLmdb } from 'lmdb'
import { describe, expect, test } from 'vitest'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { DiskSpool } from '../src/failover/disk-spool.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { openRoot } from '../src/stores/local/root.js'
import {
  ATTRIBUTES,
  checkFolder,
  deadProcess,
  Patient,
  PROBE,
  rot,
  sha256,
  spool,
  TARGET,
} from './support/fsck.js'
import { ROOT, start } from './support/process.js'

/** A key that the filesystem cannot hold as a path: its file lies under its write id. */
const LONG = 'n'.repeat(300)

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
    : []

/** Changes a table of the ledger behind its back. */
async function tamper(
  patient: Patient,
  name: string,
  change: (table: {
    put(key: Buffer, value: unknown, version?: number): Promise<unknown>
    remove(key: Buffer): Promise<unknown>
  }) => Promise<unknown>,
  useVersions = false,
): Promise<void> {
  const environment = openLmdb({ path: join(patient.own, 'ledger'), noSubdir: false, maxDbs: 32 })
  await change(environment.openDB(name, { keyEncoding: 'binary', useVersions }))
  await environment.close()
}

/** Rows whose files were not in place yet when their process was killed. */
async function crash(patient: Patient, count: number): Promise<void> {
  const child = start(
    process.execPath,
    [join(ROOT, 'test', 'support', 'local-child.mjs'), 'burst', patient.path],
    {
      env: { HOLDFAST_TEST_COUNT: String(count) },
    },
  )
  await child.ended
}

test('a store in order has no findings, with every byte read, and is left as it is', async () => {
  const patient = new Patient()
  await patient.put({ a: 'one', 'b/c': 'x'.repeat(100_000), [LONG]: 'long', empty: '' })
  await patient.journal('d', 'spooled')
  await patient.openBare(root =>
    new LedgerJournal(root.ledger).commit(parseKey('e'), undefined, {
      target: TARGET,
      state: { kind: 'delete', writeId: 'w', stamp: root.clock.next(), at: 1 },
    }),
  )
  const before = filesIn(patient.path).filter(path => !/clock|\.mdb$/.test(path))
  const { findings, summary } = await patient.check({ hash: true })
  expect(findings).toEqual([])
  expect(summary).toEqual({
    complete: true,
    objects: 4,
    bytes: 100_007,
    entries: 2,
    entryBytes: 7,
    hashed: 5,
    unhashed: 0,
    unjudged: 0,
    losses: 0,
    differences: 0,
    notes: 0,
    repaired: 0,
    others: 0,
  })
  expect(filesIn(patient.path).filter(path => !/clock|\.mdb$/.test(path))).toEqual(before)
  expect((await patient.check({ repair: true })).findings).toEqual([])
})

describe('objects', () => {
  test('whose file is gone are lost', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', b: 'two', [LONG]: 'long' })
    rmSync(join(patient.path, 'a'))
    for (const path of filesIn(join(patient.own, 'objects'))) rmSync(path)
    const { findings } = await patient.check()
    expect(findings).toEqual([
      { code: 'OBJECT_MISSING', severity: 'loss', key: 'a', message: 'Its file is gone.', repaired: false },
      { code: 'OBJECT_MISSING', severity: 'loss', key: LONG, message: 'Its file is gone.', repaired: false },
    ])
    expect((await patient.check({ repair: true })).codes).toEqual(['OBJECT_MISSING', 'OBJECT_MISSING'])
    expect(await patient.read('b')).toEqual(['two'])
  })

  test('whose file was edited are told apart from those whose file is damaged', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', [LONG]: 'long' })
    writeFileSync(join(patient.path, 'a'), 'edited')
    truncateSync(filesIn(join(patient.own, 'objects'))[0] ?? '', 2)
    const { findings } = await patient.check({ repair: true })
    expect(findings).toMatchObject([
      {
        code: 'OBJECT_EDITED',
        severity: 'difference',
        key: 'a',
        path: join(patient.path, 'a'),
        repaired: false,
      },
      { code: 'OBJECT_DAMAGED', severity: 'loss', key: LONG, repaired: false },
    ])
    expect(findings[0]?.message).toContain('it has 6 bytes, and 3 were written')
  })

  test('with a folder in the place of the file are lost', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    rmSync(join(patient.path, 'a'))
    mkdirSync(join(patient.path, 'a'))
    expect((await patient.check()).findings).toMatchObject([
      { code: 'OBJECT_MISSING', message: expect.stringContaining('no regular file') },
    ])
  })

  test('with other bytes behind the same looks are found by their hash alone', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', b: 'two', [LONG]: 'long' })
    rot(join(patient.path, 'a'))
    rot(filesIn(join(patient.own, 'objects'))[0] ?? '')
    expect((await patient.check()).findings).toEqual([])
    expect((await patient.check({ hash: true })).findings).toMatchObject([
      { code: 'OBJECT_ROTTEN', severity: 'loss', key: 'a', path: join(patient.path, 'a') },
      { code: 'OBJECT_ROTTEN', severity: 'loss', key: LONG },
    ])
  })

  test('of a restored backup get their files noted', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', [LONG]: 'long', b: 'two' })
    for (const path of [join(patient.path, 'a'), ...filesIn(join(patient.own, 'objects'))]) {
      const bytes = readFileSync(path)
      rmSync(path)
      writeFileSync(path, bytes)
    }
    const dry = await patient.check()
    expect(dry.findings).toMatchObject([
      { code: 'OBJECT_MOVED', key: 'a', repair: expect.any(String), repaired: false },
      { code: 'OBJECT_MOVED', key: LONG, repaired: false },
    ])
    const mended = await patient.check({ repair: true })
    expect(mended.findings.map(({ repaired }) => repaired)).toEqual([true, true])
    expect((await patient.check({ hash: true })).findings).toEqual([])
    expect(await patient.read('a', LONG, 'b')).toEqual(['one', 'long', 'two'])
  })

  test('whose files a crash kept from their places get them', async () => {
    const patient = new Patient()
    await crash(patient, 20)
    const dry = await patient.check({ hash: true })
    expect(new Set(dry.codes)).toEqual(new Set(['WORK_LEFT', 'STAGING_LEFT']))
    expect(dry.codes.filter(code => code === 'WORK_LEFT')).toHaveLength(20)
    const mended = await patient.check({ repair: true })
    expect(mended.findings.every(({ repaired }) => repaired)).toBe(true)
    expect(mended.summary.repaired).toBe(21)
    expect((await patient.check({ hash: true })).findings).toEqual([])
    expect((await patient.read('burst/0/1'))[0]).toHaveLength(64)
  })

  test('whose bytes are gone from the ledger are lost, unless a file has them', async () => {
    const patient = new Patient()
    await crash(patient, 3)
    const [gone = '', rotten = '', kept = ''] = await patient.openBare(async root => {
      const keys = root.ledger.page(undefined, 10).map(({ key }) => key)
      for (const [i, key] of keys.entries()) {
        const found = root.ledger.get(key)
        const object = found?.row.object
        if (found === undefined || object === undefined) throw new Error('no row')
        const bytes = root.ledger.bytesOf(object.writeId)
        const { version: expected, row } = found
        if (i === 2) {
          mkdirSync(join(root.path, key, '..'), { recursive: true })
          writeFileSync(join(root.path, key), bytes)
        }
        if (i === 1) bytes[0] = (bytes[0] ?? 0) ^ 1
        const { writeId } = object
        await root.ledger.write(
          i === 1
            ? { key, expected, row, bytes: { writeId, content: bytes } }
            : { key, expected, row, forget: [writeId] },
        )
      }
      return keys
    })
    const { findings } = await patient.check({ hash: true })
    expect(findings.filter(({ code }) => code.startsWith('OBJECT'))).toMatchObject([
      { code: 'OBJECT_MISSING', key: gone, message: 'Its bytes are gone from the ledger.' },
      { code: 'OBJECT_ROTTEN', key: rotten },
      { code: 'OBJECT_MOVED', key: kept, path: join(patient.path, kept) },
    ])
    await patient.check({ hash: true, repair: true })
    expect((await patient.read(kept))[0]).toHaveLength(64)
    const left = await patient.check({ hash: true })
    expect(left.findings.map(({ key }) => key)).not.toContain(kept)
  })

  test('with work are listed, and others are not', async () => {
    const patient = new Patient()
    await patient.put({ idle: 'one' })
    await crash(patient, 2)
    await tamper(patient, 'pending', async table => {
      await table.remove(Buffer.from('burst/0/1'))
      await table.put(Buffer.from('idle'), true)
      await table.put(Buffer.from('nothing'), true)
    })
    const { codes } = await patient.check()
    expect(codes.filter(code => code !== 'STAGING_LEFT').sort()).toEqual([
      'PENDING_STALE',
      'PENDING_STALE',
      'WORK_LEFT',
      'WORK_LEFT',
      'WORK_UNLISTED',
    ])
    const mended = await patient.check({ repair: true })
    expect(mended.findings.every(({ repaired }) => repaired)).toBe(true)
    expect((await patient.check({ hash: true })).findings).toEqual([])
    expect(await patient.read('idle', 'nothing')).toEqual(['one', 'NOT_FOUND'])
  })

  test('add up to the sum that is kept', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', b: 'two' })
    await patient.openBare(root => root.ledger.correctUsage({ count: 3, bytes: -100 }, undefined))
    expect((await patient.check()).findings).toMatchObject([
      { code: 'USAGE_WRONG', message: expect.stringContaining('2 objects of 6 bytes') },
    ])
    expect((await patient.check({ repair: true })).findings).toMatchObject([{ repaired: true }])
    expect((await patient.check()).findings).toEqual([])
    expect(await patient.openBare(async root => root.ledger.usage())).toEqual({ count: 2, bytes: 6 })
  })

  test('with stamps above the clock set it right', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    const ahead = await patient.openBare(async root => {
      const found = root.ledger.get('a')
      const object = found?.row.object
      if (found === undefined || object === undefined) throw new Error('no row')
      const stamp = {
        time: Date.now() + 3_600_000,
        sequence: root.clock.next().sequence + 10_000_000,
        host: root.hostId,
      }
      await root.ledger.write({ key: 'a', expected: found.version, row: { object: { ...object, stamp } } })
      return stamp
    })
    expect((await patient.check()).codes).toEqual(['STAMP_AHEAD'])
    expect((await patient.check({ repair: true })).findings).toMatchObject([{ repaired: true }])
    expect((await patient.check()).findings).toEqual([])
    const next = await patient.openBare(async root => root.clock.next())
    expect(next.sequence).toBeGreaterThan(ahead.sequence)
    expect(next.time).toBeGreaterThanOrEqual(ahead.time)
  })
})

describe('the journal', () => {
  test('whose bytes are gone, short or rotten has lost what was acknowledged', async () => {
    const patient = new Patient()
    const gone = await patient.journal('gone', 'acknowledged')
    const short = await patient.journal('short', 'acknowledged')
    const rotten = await patient.journal('rotten', 'acknowledged')
    await patient.journal('whole', 'acknowledged')
    rmSync(gone)
    truncateSync(short, 3)
    rot(rotten)
    const { findings } = await patient.check({ hash: true, repair: true })
    expect(findings).toMatchObject([
      { code: 'SPOOL_MISSING', severity: 'loss', key: 'gone', path: gone, repaired: false },
      { code: 'SPOOL_ROTTEN', severity: 'loss', key: 'rotten', path: rotten, repaired: false },
      { code: 'SPOOL_SHORT', severity: 'loss', key: 'short', path: short, repaired: false },
    ])
    expect((await patient.check()).codes).toEqual(['SPOOL_MISSING', 'SPOOL_SHORT'])
  })

  test('is less at a loss for what the object store was seen to hold', async () => {
    const patient = new Patient()
    const unknown = { signedAt: 1, deletes: true }
    rmSync(await patient.journal('agreed', 'acknowledged', { agreedAt: 1, unknown }))
    expect((await patient.check()).findings).toMatchObject([
      {
        code: 'SPOOL_MISSING',
        severity: 'difference',
        message: expect.stringContaining('was seen to hold it'),
      },
    ])
  })

  test('whose small bytes, in the ledger, are gone or rotten has lost them too', async () => {
    const patient = new Patient()
    await patient.openBare(async root => {
      const journal = new LedgerJournal(root.ledger)
      const bytes = new DiskSpool(root)
      for (const id of ['gone', 'rotten', 'short', 'whole']) {
        const key = parseKey(id)
        const held = await bytes.hold(await openSource(Buffer.from('acknowledged')), { key })
        if (held === undefined) throw new Error('not held')
        const { file, size, sha256, content } = held
        const stamp = root.clock.next()
        const state = {
          kind: 'put',
          writeId: id,
          stamp,
          at: 1,
          file,
          size,
          sha256,
          attributes: ATTRIBUTES,
        } as const
        await journal.commit(key, undefined, { target: TARGET, state }, { content: { file, content } })
        await root.ledger.commit([], () => {
          if (id === 'gone') root.ledger.removeBytes(file)
          if (id === 'short') root.ledger.putBytes(file, Buffer.from('ackn'))
          if (id === 'rotten') root.ledger.putBytes(file, Buffer.from('ACKNOWLEDGED'))
        })
      }
    })
    expect((await patient.check()).codes).toEqual(['SPOOL_MISSING', 'SPOOL_SHORT'])
    const { findings, summary } = await patient.check({ hash: true })
    expect(findings).toMatchObject([
      { code: 'SPOOL_MISSING', severity: 'loss', key: 'gone' },
      { code: 'SPOOL_ROTTEN', severity: 'loss', key: 'rotten' },
      { code: 'SPOOL_SHORT', severity: 'loss', key: 'short' },
    ])
    expect(summary.hashed).toBe(4)
  })

  test('keeps no bytes that nothing speaks of', async () => {
    const patient = new Patient()
    await crash(patient, 2)
    await patient.openBare(root =>
      root.ledger.commit([], () => {
        root.ledger.putBytes('journal:forgotten', Buffer.from('precious'))
        root.ledger.putBytes('a-write', Buffer.from('precious too'))
      }),
    )
    const mended = await patient.check({ repair: true })
    expect(mended.codes.filter(code => code === 'BYTES_UNNAMED')).toHaveLength(2)
    expect((await patient.check({ hash: true })).codes).toEqual(['LOST_AND_FOUND'])
    const kept = filesIn(join(patient.own, 'lost+found')).map(path => readFileSync(path, 'utf8'))
    expect(kept.sort()).toEqual(['precious', 'precious too'])
  })

  test('makes sense', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    await patient.journal('agreed', 'acknowledged', { agreedAt: 1 })
    await patient.journal('parked', 'acknowledged', {
      parked: { code: 'PERMISSION_DENIED', message: 'no', at: 1 },
    })
    await patient.openBare(async root => {
      const journal = new LedgerJournal(root.ledger)
      await root.ledger.setFact('attached-to', 'another bucket')
      const commit = (key: string, row: object) => journal.commit(parseKey(key), undefined, row as never)
      await commit('empty', { target: TARGET })
      await commit('no-bucket', { unknown: { signedAt: 1, deletes: true } })
      await commit('no-file', {
        target: TARGET,
        state: {
          kind: 'put',
          writeId: 'w',
          stamp: root.clock.next(),
          at: 1,
          size: 3,
          attributes: ATTRIBUTES,
        },
      })
      await commit('ahead', {
        target: TARGET,
        state: { kind: 'delete', writeId: 'w', stamp: { ...root.clock.next(), sequence: 2 ** 50 }, at: 1 },
      })
      await commit('doubt', { target: TARGET, unknown: { signedAt: 1, deletes: true } })
    })
    const { findings } = await patient.check()
    expect(findings.map(({ code, key }) => [code, key])).toEqual([
      ['JOURNAL_AGREED', 'agreed'],
      ['STAMP_AHEAD', 'ahead'],
      ['JOURNAL_EMPTY', 'empty'],
      ['JOURNAL_INVALID', 'no-bucket'],
      ['JOURNAL_INVALID', 'no-file'],
      ['JOURNAL_PARKED', undefined],
      ['JOURNAL_HELD', undefined],
    ])
    await patient.check({ repair: true })
    expect((await patient.check()).codes).not.toContain('JOURNAL_EMPTY')
  })

  test('keeps the bytes of conflicts', async () => {
    const patient = new Patient()
    const paths = await patient.openBare(async root => {
      const journal = new LedgerJournal(root.ledger)
      const paths: string[] = []
      for (const id of ['whole', 'gone', 'rotten']) {
        const key = parseKey(id)
        const { state, path } = await spool(root, key, 'kept')
        const { file, size, sha256, attributes } = state
        await journal.addConflict({ id, key, at: 1, loser: 'ours', file, size, sha256, attributes })
        paths.push(path)
      }
      return paths
    })
    rmSync(paths[1] ?? '')
    rot(paths[2] ?? '')
    expect((await patient.check({ hash: true, repair: true })).findings).toMatchObject([
      { code: 'CONFLICT_MISSING', severity: 'loss', key: 'gone' },
      { code: 'CONFLICT_ROTTEN', severity: 'loss', key: 'rotten' },
      { code: 'CONFLICT', severity: 'note' },
    ])
    expect(existsSync(paths[0] ?? '')).toBe(true)
  })
})

describe('files', () => {
  test('that a dead process did not acknowledge are removed', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    const kept = await patient.journal('b', 'acknowledged')
    const folder = join(patient.own, 'objects', 'c5')
    mkdirSync(join(patient.own, 'claims'), { recursive: true })
    mkdirSync(folder)
    writeFileSync(join(patient.own, 'claims', `${deadProcess()}~c5`), '')
    writeFileSync(join(folder, 'cut-off'), 'cut off')
    expect((await patient.check()).findings).toMatchObject([
      { code: 'FILE_CUT_OFF', severity: 'difference', path: join(folder, 'cut-off'), repaired: false },
    ])
    expect((await patient.check({ repair: true })).findings).toMatchObject([{ repaired: true }])
    expect(filesIn(folder)).toEqual([])
    expect(readFileSync(kept, 'utf8')).toBe('acknowledged')
    expect((await patient.check({ hash: true })).findings).toEqual([])
    expect(filesIn(join(patient.own, 'claims'))).toEqual([])
  })

  test('that no crash explains are kept', async () => {
    const patient = new Patient()
    const folder = join(patient.own, 'objects', 'c5')
    await patient.put({ a: 'one' })
    mkdirSync(folder)
    writeFileSync(join(folder, 'who-knows'), 'precious')
    expect((await patient.check()).findings).toMatchObject([{ code: 'FILE_UNNAMED', repaired: false }])
    expect(filesIn(folder)).toHaveLength(1)
    expect((await patient.check({ repair: true })).codes).toEqual(['FILE_UNNAMED', 'LOST_AND_FOUND'])
    expect((await patient.check()).findings).toMatchObject([{ code: 'LOST_AND_FOUND', severity: 'note' }])
    // Another of the same name does not take its place.
    writeFileSync(join(folder, 'who-knows'), 'precious too')
    await patient.check({ repair: true })
    const kept = filesIn(join(patient.own, 'lost+found')).map(path => readFileSync(path, 'utf8'))
    expect(kept.sort()).toEqual(['precious', 'precious too'])
  })

  test('of folders that a living process writes into are not judged', async () => {
    const patient = new Patient()
    await patient.openBare(async root => {
      const { path } = await spool(root, parseKey('k'), 'under way')
      const { findings, summary } = await patient.check({
        repair: true,
        internals: { probe: PROBE, graceMs: 0 },
      })
      expect(findings).toEqual([])
      expect(summary.unjudged).toBe(1)
      expect(existsSync(path)).toBe(true)
    })
    // A process that ends well can commit no more, and leaves no marks.
    expect((await patient.check()).codes).toEqual(['FILE_UNNAMED'])
  })

  test('that others put among the objects are told', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one', [LONG]: 'long', 'in-the-way': 'two' })
    mkdirSync(join(patient.path, 'rooms'))
    writeFileSync(join(patient.path, 'rooms', 'stranger'), 'x')
    execFileSync('ln', ['-s', 'a', join(patient.path, 'link')])
    writeFileSync(join(patient.own, 'displaced', 'was-in-the-way'), 'x')
    const { findings } = await patient.check({ repair: true })
    expect(findings).toMatchObject([
      { code: 'FILE_DISPLACED', severity: 'note' },
      { code: 'FILE_UNKNOWN', severity: 'note', path: join(patient.path, 'link') },
      { code: 'FILE_UNKNOWN', severity: 'note', key: 'rooms/stranger' },
    ])
    expect(readFileSync(join(patient.path, 'rooms', 'stranger'), 'utf8')).toBe('x')
  })

  test('that are still to be adopted are counted', async () => {
    const patient = new Patient()
    await patient.openBare(async () => {})
    writeFileSync(join(patient.path, 'before'), 'x')
    expect((await patient.check()).findings).toMatchObject([{ code: 'NOT_ADOPTED_YET' }])
  })
})

describe('the ledger', () => {
  const ledger = (patient: Patient): string => join(patient.own, 'ledger')

  test.each([
    ['is gone', 'LEDGER_MISSING', (path: string) => rmSync(path, { recursive: true })],
    ['is cut', 'LEDGER_UNREADABLE', (path: string) => truncateSync(join(path, 'data.mdb'), 12_288)],
    [
      'is another file',
      'LEDGER_UNREADABLE',
      (path: string) => writeFileSync(join(path, 'data.mdb'), 'x'.repeat(9000)),
    ],
  ])('that %s is told, and made anew from the files', async (_, code, damage) => {
    const patient = new Patient()
    await patient.put({ 'a.jpg': 'one', 'rooms/b': 'two'.repeat(50_000), [LONG]: 'long' })
    const spooled = await patient.journal('c', 'acknowledged')
    const id = readFileSync(join(patient.own, 'id'), 'utf8')
    damage(ledger(patient))
    await expect(openRoot({ path: join(patient.path, 'none'), create: false })).rejects.toThrow('no store at')
    const dry = await patient.check({ repair: true })
    expect(dry.findings).toMatchObject([
      { code, severity: 'loss', repaired: false, repair: expect.stringContaining('--rebuild') },
    ])
    expect(dry.summary.complete).toBe(false)
    expect(existsSync(spooled)).toBe(true)
    const { findings, summary } = await patient.check({ rebuild: true, hash: true })
    expect(findings.map(({ code }) => code)).toEqual([
      'FILE_UNATTRIBUTED',
      'FILE_UNATTRIBUTED',
      code,
      'LOST_AND_FOUND',
    ])
    expect(findings[2]).toMatchObject({ repaired: true })
    expect(summary).toMatchObject({ complete: true, objects: 2, bytes: 150_003, hashed: 2, repaired: 1 })
    const kept = filesIn(join(patient.own, 'lost+found')).map(path => readFileSync(path, 'utf8'))
    expect(kept.sort()).toEqual(['acknowledged', 'long'])
    expect(readFileSync(join(patient.own, 'id'), 'utf8')).toBe(id)
    expect(await patient.read('a.jpg', 'rooms/b', 'c')).toEqual(['one', 'two'.repeat(50_000), 'NOT_FOUND'])
    await patient.open(async (_root, store) => {
      expect(await store.head(parseKey('a.jpg'))).toMatchObject({
        contentType: 'image/jpeg',
        sha256: sha256('one'),
      })
      expect(await store.metrics()).toEqual({ count: 2, bytes: 150_003 })
    })
    expect((await patient.check({ hash: true })).codes).toEqual(['LOST_AND_FOUND'])
  })

  test('that was damaged is kept beside the new one', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    truncateSync(join(ledger(patient), 'data.mdb'), 12_288)
    mkdirSync(join(patient.own, 'cache', 'boot'), { recursive: true })
    await patient.check({ rebuild: true })
    // Copies of the read cache are worth nothing without the journal.
    expect(existsSync(join(patient.own, 'cache'))).toBe(false)
    expect(readdirSync(ledger(patient)).filter(name => name.startsWith('damaged-'))).toHaveLength(1)
  })

  test('is not made anew where it can be read, nor beside another process', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    await expect(patient.check({ rebuild: true })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const child = start(process.execPath, [
      join(ROOT, 'test', 'support', 'local-child.mjs'),
      'hold',
      patient.path,
    ])
    await child.says(/ready/)
    rmSync(ledger(patient), { recursive: true })
    await expect(patient.check({ rebuild: true })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`Process ${child.process.pid}`),
    })
    child.process.kill('SIGKILL')
    await child.ended
    expect((await patient.check({ rebuild: true })).codes).toEqual(['LEDGER_MISSING'])
    expect(await patient.read('a')).toEqual(['one'])
  })

  test('of another version is left alone', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    await tamper(patient, 'rows', table => table.put(Buffer.from('b'), [99], 1), true)
    for (const options of [{}, { repair: true }, { rebuild: true }]) {
      await expect(patient.check(options)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('another version'),
      })
    }
    expect(readFileSync(join(patient.path, 'a'), 'utf8')).toBe('one')
  })

  test('elsewhere is made anew there', async () => {
    const patient = new Patient()
    const elsewhere = new Patient()
    const config = { localStoragePath: patient.path, ledgerPath: join(elsewhere.path, 'ledger') }
    const root = await openRoot({
      path: patient.path,
      ledgerPath: config.ledgerPath,
      create: true,
      ballastBytes: 0,
    })
    await root.close()
    writeFileSync(join(patient.path, 'a'), 'one')
    expect((await patient.check({ config })).codes).toEqual(['NOT_ADOPTED_YET'])
    // Without the setting the folder has no ledger; with it, it has.
    expect((await patient.check()).codes).toEqual(['LEDGER_MISSING'])
    truncateSync(join(config.ledgerPath, 'data.mdb'), 8192)
    expect((await patient.check({ config, rebuild: true })).codes).toEqual(['LEDGER_UNREADABLE'])
    const { findings, summary } = await patient.check({ config, hash: true })
    expect(findings).toEqual([])
    expect(summary).toMatchObject({ objects: 1, hashed: 1 })
    expect(readdirSync(config.ledgerPath).filter(name => name.startsWith('damaged-'))).toHaveLength(1)
  })

  test('of another folder is never touched', async () => {
    const patient = new Patient()
    const other = new Patient()
    await patient.put({ a: 'one' })
    await other.put({ a: 'two' })
    const config = { localStoragePath: patient.path, ledgerPath: ledger(other) }
    for (const options of [{}, { repair: true }, { rebuild: true }]) {
      expect((await patient.check({ config, ...options })).findings).toMatchObject([
        { code: 'LEDGER_FOREIGN', repaired: false },
      ])
    }
    expect(await other.read('a')).toEqual(['two'])
    expect(await patient.read('a')).toEqual(['one'])
  })

  test('gives the folder its id back', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    const id = readFileSync(join(patient.own, 'id'), 'utf8')
    renameSync(join(patient.own, 'id'), join(patient.own, 'lost-id'))
    expect((await patient.check()).codes).toEqual(['ID_MISSING'])
    expect((await patient.check({ repair: true })).findings).toMatchObject([{ repaired: true }])
    expect(readFileSync(join(patient.own, 'id'), 'utf8')).toBe(id)
    expect(await patient.read('a')).toEqual(['one'])
  })

  test('of a rebuild that was cut off is completed by the next start', async () => {
    const patient = new Patient()
    await patient.put({ a: 'one' })
    const id = readFileSync(join(patient.own, 'id'), 'utf8')
    rmSync(ledger(patient), { recursive: true })
    writeFileSync(join(patient.own, 'id'), `${id} new`)
    expect((await patient.check()).codes).toEqual(['NOT_ADOPTED_YET'])
    expect(await patient.read('a')).toEqual(['one'])
    expect((await patient.check()).findings).toEqual([])
  })

  test('and its folder are not there', async () => {
    const patient = new Patient()
    await expect(checkFolder(join(patient.path, 'none'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `no store at ${join(patient.path, 'none')}`,
    })
    expect(readdirSync(patient.path)).toEqual([])
  })
})
