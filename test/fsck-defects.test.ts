import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig } from '../src/config.js'
import { silentLogger } from '../src/core/logger.js'
import type { Scratch } from '../src/operations/drill/scratch.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { type Defect, DefectiveStorage } from './support/defective-storage.js'
import { Patient, rot } from './support/fsck.js'

/** Writes and deletes through a storage with a defect while the object store is away, then ends well. */
async function suffer(patient: Patient, defect: Defect, deleted = ['k0', 'k1', 'k2']): Promise<void> {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  await stub.goDown()
  const config = completeConfig({
    ...settingsOf(accessOf(stub)),
    localStoragePath: patient.path,
    spoolReserveBytes: 0,
  })
  const storage = await DefectiveStorage.open(config, { logger: silentLogger } as Scratch, defect)
  // Small content would lie in the ledger, and come and go with its entry.
  for (let i = 0; i < 6; i++) await storage.uploadFile(Buffer.alloc(100_000, `version ${i}`), `k${i}`)
  for (const key of deleted) await storage.deleteFile(key)
  await storage.close()
}

const spooled = (patient: Patient): string[] => {
  const objects = join(patient.own, 'objects')
  return readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .map(name => join(objects, name))
    .filter(path => statSync(path).isFile())
}

describe('a defect that leaves a trace is reported', () => {
  test('none: there is nothing to report', async () => {
    const patient = new Patient()
    await suffer(patient, 'none')
    const { findings, summary } = await patient.check({ hash: true })
    expect(findings).toEqual([])
    expect(summary).toMatchObject({ entries: 6, hashed: 3 })
  })

  test('an entry that was dropped leaves its bytes, which no repair removes', async () => {
    const patient = new Patient()
    await suffer(patient, 'drop a journal entry')
    const { findings } = await patient.check({ repair: true })
    // Every third of six puts; one of the two keys was deleted later, which changes nothing about its bytes.
    expect(findings.map(({ code }) => code)).toEqual(['FILE_UNNAMED', 'FILE_UNNAMED', 'LOST_AND_FOUND'])
    expect(readdirSync(join(patient.own, 'lost+found'))).toHaveLength(2)
  })

  test('a lost delete of what was uploaded in the same outage leaves the upload, without its bytes', async () => {
    const patient = new Patient()
    await suffer(patient, 'lose a tombstone')
    expect((await patient.check()).findings).toMatchObject([
      { code: 'SPOOL_MISSING', severity: 'loss', key: 'k2' },
    ])
  })

  test('an acknowledgement before the sync leaves an entry whose bytes a power loss has taken', async () => {
    const patient = new Patient()
    await suffer(patient, 'none')
    // What a journaling filesystem leaves of a file that was never synced: its name, and nothing or noughts in it.
    const [empty = '', noughts = '', gone = ''] = spooled(patient)
    const { size } = statSync(noughts)
    truncateSync(empty, 0)
    truncateSync(noughts, 0)
    truncateSync(noughts, size)
    rmSync(gone)
    const { codes } = await patient.check({ hash: true })
    expect([...codes].sort()).toEqual(['SPOOL_MISSING', 'SPOOL_ROTTEN', 'SPOOL_SHORT'])
  })

  test('a partial file has another size, or another hash', async () => {
    const patient = new Patient()
    await suffer(patient, 'none')
    const [partial = '', rotten = ''] = spooled(patient)
    truncateSync(partial, statSync(partial).size >> 1)
    rot(rotten)
    expect((await patient.check()).codes).toEqual(['SPOOL_SHORT'])
    expect([...(await patient.check({ hash: true })).codes].sort()).toEqual(['SPOOL_ROTTEN', 'SPOOL_SHORT'])
  })
})

describe('a defect that leaves no trace in the folder is for the drill to find', () => {
  test.each<[Defect, string]>([
    [
      'lose a tombstone',
      'of a file that only the bucket has: without its entry nothing says that it was asked for',
    ],
    ['replay out of order', 'the older version is in the bucket; the folder has forgotten both'],
    ['serve a partial file', 'the answer was cut, and the file is whole'],
    ['NOT_FOUND in an outage', 'the answer was wrong, and nothing was written'],
  ])('%s: %s', async defect => {
    const patient = new Patient()
    await suffer(patient, defect, ['x', 'y', 'z'])
    expect((await patient.check({ hash: true })).findings).toEqual([])
  })
})
