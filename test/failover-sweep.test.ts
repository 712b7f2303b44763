import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { completeConfig } from '../src/config.js'
import { parseKey } from '../src/core/key.js'
import { DiskSpool } from '../src/failover/disk-spool.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { removalsOf } from '../src/failover/removals.js'
import { sweepSpool } from '../src/failover/spool-sweep.js'
import { StorageService } from '../src/service.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { Patient, spool } from './support/fsck.js'
import { type Child, ROOT, start } from './support/process.js'

/** Spools bytes, of which some are acknowledged, in a process that is then killed. @returns what it said */
async function crash(patient: Patient): Promise<{ acknowledged: string[]; cutOff: string[] }> {
  const child = work(patient, 'cut-off')
  const [, text = ''] = await child.says(/(\{"files".*\})/)
  child.process.kill('SIGKILL')
  await child.ended
  return JSON.parse(text).files
}

function work(patient: Patient, what: string): Child {
  return start(process.execPath, [join(ROOT, 'test', 'support', 'fsck-child.mjs'), what, patient.path])
}

const sweep = (patient: Patient): Promise<number> =>
  patient.openBare(root => sweepSpool(root, new LedgerJournal(root.ledger), new AbortController().signal))

const there = (paths: readonly string[]): boolean[] => paths.map(path => existsSync(path))

test('what a crash cut off is removed, and what was acknowledged stays', async () => {
  const patient = new Patient()
  const { acknowledged, cutOff } = await crash(patient)
  expect(there([...acknowledged, ...cutOff])).toEqual([true, true, true, true, true])
  expect(await sweep(patient)).toBe(3)
  expect(there(acknowledged)).toEqual([true, true])
  expect(there(cutOff)).toEqual([false, false, false])
  expect(readdirSync(join(patient.own, 'claims'))).toEqual([])
  expect(await sweep(patient)).toBe(0)
  expect((await patient.check({ hash: true })).findings).toEqual([])
})

test('a file whose entry went in the moment of a crash is removed, though an earlier process had written it', async () => {
  const patient = new Patient()
  const key = parseKey('brought-over')
  const kept = await patient.journal('kept', 'x')
  const path = await patient.journal(key, 'x'.repeat(100_000))
  await patient.openBare(async root => {
    const journal = new LedgerJournal(root.ledger)
    expect(await journal.commit(key, journal.get(key), undefined)).toBe(true)
  })
  expect(there([kept, path])).toEqual([true, true])
  expect((await patient.check()).findings).toMatchObject([{ code: 'FILE_CUT_OFF', path }])
  expect(await sweep(patient)).toBe(1)
  expect(there([kept, path])).toEqual([true, false])
  expect((await patient.check({ hash: true })).findings).toEqual([])
  expect(await sweep(patient)).toBe(0)
})

test('the kept version of a conflict that was ended in the moment of a crash is removed', async () => {
  const patient = new Patient()
  const path = await patient.openBare(async root => {
    const { state, path } = await spool(root, parseKey('a'), 'theirs')
    const { file, size, attributes } = state
    const journal = new LedgerJournal(root.ledger)
    await journal.addConflict({ id: 'c', key: parseKey('a'), at: 0, loser: 'theirs', file, size, attributes })
    return path
  })
  expect(await sweep(patient)).toBe(0)
  await patient.openBare(root => new LedgerJournal(root.ledger).removeConflict('c'))
  expect(there([path])).toEqual([true])
  expect(await sweep(patient)).toBe(1)
  expect(there([path])).toEqual([false])
})

test('what was removed in peace is remembered no longer than until the folder is closed', async () => {
  const patient = new Patient()
  const path = await patient.journal('a', 'x')
  await patient.openBare(async root => {
    const journal = new LedgerJournal(root.ledger)
    const key = parseKey('a')
    const row = journal.get(key)
    if (row?.state?.kind !== 'put') throw new Error('There is no entry.')
    await journal.commit(key, row, undefined)
    expect(removalsOf(root.ledger).count()).toBe(1)
    await new DiskSpool(root).remove(row.state.file)
  })
  expect(there([path])).toEqual([false])
  await patient.openBare(async root => expect(removalsOf(root.ledger).count()).toBe(0))
})

test('a server that crashes over and over does not fill the disk', async () => {
  const patient = new Patient()
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  await stub.goDown()
  const config = completeConfig({
    ...settingsOf(accessOf(stub)),
    localStoragePath: patient.path,
    spoolReserveBytes: 0,
  })
  const kept: string[] = []
  for (let i = 0; i < 3; i++) {
    const { acknowledged, cutOff } = await crash(patient)
    kept.push(...acknowledged)
    const service = new StorageService({ config })
    await service.uploadFile(Buffer.from('x'), `between/${i}`)
    await expect.poll(() => there(cutOff), { timeout: 30_000 }).toEqual([false, false, false])
    await service.close()
    expect(there(kept).every(Boolean)).toBe(true)
  }
})

test('a file whose row turned up after all stays', async () => {
  const patient = new Patient()
  const { cutOff } = await crash(patient)
  const [file = ''] = cutOff
  await patient.openBare(async root => {
    const { state } = await spool(root, parseKey('other'), 'x')
    const name = file.slice(join(root.ownPath, 'objects').length + 1)
    const row = { target: 'bucket', state: { ...state, file: name } }
    await new LedgerJournal(root.ledger).commit(parseKey('in-doubt'), undefined, row)
  })
  expect(await sweep(patient)).toBe(2)
  expect(there(cutOff)).toEqual([true, false, false])
})

test('what a living process is writing is left alone, also where a dead one wrote before', async () => {
  const patient = new Patient()
  const { cutOff } = await crash(patient)
  await patient.openBare(async root => {
    const [folder = ''] = cutOff.map(path => path.split('/').at(-2))
    await root.claims.claim(folder)
    const journal = new LedgerJournal(root.ledger)
    expect(await sweepSpool(root, journal, new AbortController().signal)).toBe(0)
    expect(there(cutOff)).toEqual([true, true, true])
  })
  // The mark of the dead one is still there for the next.
  expect(await sweep(patient)).toBe(3)
})

test('a file that was there before the dead process came is left to a person', async () => {
  const patient = new Patient()
  const { cutOff } = await crash(patient)
  const [file = ''] = cutOff
  utimesSync(file, 1, 1)
  expect(await sweep(patient)).toBe(2)
  expect((await patient.check()).codes).toEqual(['FILE_UNNAMED'])
})
