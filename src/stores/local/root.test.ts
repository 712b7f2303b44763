import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeFilesystem } from './filesystem-type.js'
import { endProcessId } from './process-id.js'
import { openRoot, type Root, type RootOptions } from './root.js'

let folder: string
const open: Root[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-root-'))
})
afterEach(async () => {
  for (const root of open.splice(0)) await root.close()
  await rm(folder, { recursive: true })
})

async function openAt(path: string, options: Partial<RootOptions> = {}): Promise<Root> {
  const root = await openRoot({ path, create: true, ballastBytes: 0, ...options })
  open.push(root)
  return root
}

async function closeAll(): Promise<void> {
  for (const root of open.splice(0)) await root.close()
}

describe('a root', () => {
  it('is not made where none is asked for', async () => {
    const missing = join(folder, 'missing')
    await expect(openAt(missing, { create: false })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `no store at ${missing}`,
    })
    await expect(openAt(folder, { create: false })).rejects.toMatchObject({
      message: `no store at ${folder}`,
    })
    expect(await readdir(folder)).toEqual([])
    await openAt(missing)
    await closeAll()
    await openAt(missing, { create: false })
  })

  it('refuses a ledger among the files that can be objects', async () => {
    await expect(openAt(folder, { ledgerPath: join(folder, 'ledger') })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('HOLDFAST_LEDGER_PATH'),
    })
  })

  it('that could not be closed in order does not keep the folder from being opened anew', async () => {
    const root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
    const close = root.ledger.close.bind(root.ledger)
    root.ledger.close = async () => {
      await close()
      throw new Error('The ledger was not closed.')
    }
    await expect(root.close()).rejects.toThrow('The ledger was not closed.')
    const next = await openAt(folder)
    expect(next).not.toBe(root)
    await next.ledger.setFact('a', 'b')
    expect(next.ledger.fact('a')).toBe('b')
    expect(next.isDead(root.processId)).toBe(true)
  })

  it('keeps its own folder to its user', async () => {
    const root = await openAt(folder)
    await root.signingKey()
    expect((await stat(root.ownPath)).mode & 0o777).toBe(0o700)
    expect((await stat(join(root.ownPath, 'signing-key'))).mode & 0o777).toBe(0o600)
  })

  it('is shared within a process, until each has closed it', async () => {
    const first = await openAt(folder)
    const link = join(folder, 'link')
    await symlink(folder, link)
    const [second, third] = await Promise.all([openAt(link), openAt(folder)])
    expect(second).toBe(first)
    expect(third).toBe(first)
    open.length = 0
    await first.close()
    await first.close()
    expect(first.ledger.fact('id')).toBeDefined()
    await first.close()
    expect(() => first.ledger.fact('id')).toThrow()
    await openAt(folder)
  })

  it('is made once by many who open it at the same time', async () => {
    const roots = await Promise.all(Array.from({ length: 10 }, () => openAt(folder)))
    expect(new Set(roots).size).toBe(1)
  })

  it('has one signing key for ever', async () => {
    const first = await (await openAt(folder)).signingKey()
    expect(first).toHaveLength(32)
    await closeAll()
    expect((await (await openAt(folder)).signingKey()).equals(first)).toBe(true)
  })

  it('never repeats a sequence, whatever the clock, the crash or the number of its openings', async () => {
    const seen = new Set<number>()
    let last = { time: 0, sequence: 0 }
    for (let i = 0; i < 5; i++) {
      const root = await openAt(folder)
      for (let j = 0; j < 5000; j++) {
        const stamp = root.clock.next()
        expect(seen.has(stamp.sequence)).toBe(false)
        seen.add(stamp.sequence)
        expect(stamp.time).toBeGreaterThanOrEqual(last.time)
        expect(stamp.host).toBe(root.hostId)
        last = stamp
      }
      if (i % 2 === 0) await closeAll()
      else {
        // As if it had been killed: it says nothing about how far it came.
        open.length = 0
        endProcessId(root.processId)
        await root.ledger.close()
        const copy = await mkdtemp(join(tmpdir(), 'holdfast-root-'))
        await rm(join(root.ownPath, 'tmp', root.processId), { recursive: true })
        await cp(folder, copy, { recursive: true })
        await rm(folder, { recursive: true })
        folder = copy
      }
    }
  })

  it('and its ledger belong together', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    const [one, two] = [join(folder, 'ledger-1'), join(folder, 'ledger-2')]
    await openAt(a, { ledgerPath: one })
    await openAt(b, { ledgerPath: two })
    await closeAll()
    await expect(openAt(a, { ledgerPath: two })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('belongs to another storage folder'),
    })
    await expect(openAt(join(folder, 'c'), { ledgerPath: one })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    await expect(openAt(a, { ledgerPath: join(folder, 'ledger-3') })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('is missing'),
    })
    await openAt(a, { ledgerPath: one })
    await openAt(b, { ledgerPath: two })
  })

  it('is completed where a crash interrupted its making', async () => {
    await openAt(folder)
    await closeAll()
    const id = (await readFile(join(folder, '.holdfast', 'id'), 'utf8')).trim()
    // Before the ledger had its id, and before the root's lost its mark.
    await writeFile(join(folder, '.holdfast', 'id'), `${id} new`)
    await openAt(folder)
    await closeAll()
    await rm(join(folder, '.holdfast', 'ledger'), { recursive: true })
    await writeFile(join(folder, '.holdfast', 'id'), `${id} new`)
    await openAt(folder)
    await closeAll()
    expect(await readFile(join(folder, '.holdfast', 'id'), 'utf8')).toBe(id)
  })

  it('refuses a folder of its own that is a link', async () => {
    await mkdir(join(folder, 'elsewhere'))
    await mkdir(join(folder, 'root'))
    await symlink(join(folder, 'elsewhere'), join(folder, 'root', '.holdfast'))
    await expect(openAt(join(folder, 'root'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([])
  })

  it('remembers the uploads of processes that ended, and forgets those that did', async () => {
    const entry = { uploadId: 'u1', key: 'k', bucket: 'b', endpoint: 'http://127.0.0.1:9000' }
    const root = await openAt(folder)
    await root.uploads.begin(entry)
    await root.uploads.begin({ ...entry, uploadId: 'u2' })
    await root.uploads.end('u2')
    expect(root.uploads.orphans()).toEqual([])
    await closeAll()
    const later = await openAt(folder)
    expect(later.uploads.orphans()).toEqual([entry])
    await later.uploads.end('u1')
    expect(later.uploads.orphans()).toEqual([])
  })

  it('leaves nothing behind that only it needed', async () => {
    const root = await openAt(folder)
    expect(existsSync(root.tmpPath)).toBe(true)
    await closeAll()
    expect(await readdir(join(root.ownPath, 'tmp'))).toEqual([])
    expect(existsSync(join(root.ownPath, 'lease'))).toBe(false)
  })

  it('lays its ballast down and gives it up', async () => {
    const { ballast, ownPath } = await openAt(folder, { ballastBytes: 3_000_000 })
    expect(ballast.present).toBe(false)
    expect(await ballast.build()).toBe(true)
    expect(ballast.present).toBe(true)
    const { size, blocks } = await stat(join(ownPath, 'ballast'))
    expect(size).toBe(3_000_000)
    expect(blocks * 512).toBeGreaterThanOrEqual(size)
    expect(await ballast.release()).toBe(true)
    expect(ballast.present).toBe(false)
    expect(await ballast.release()).toBe(false)
  })

  it('warns where files pass with the machine', async context => {
    if (!existsSync('/dev/shm')) context.skip('there is no tmpfs at /dev/shm')
    const passing = await mkdtemp('/dev/shm/holdfast-root-')
    try {
      const root = await openAt(passing)
      expect(root.problems).toEqual([{ code: 'PASSING_STORAGE', message: expect.stringContaining('tmpfs') }])
      expect(root.health).toBe('green')
      await closeAll()
    } finally {
      await rm(passing, { recursive: true })
    }
  })

  it('says what it may not do', async context => {
    if (process.getuid?.() === 0) context.skip('this user may do everything')
    await chmod(folder, 0o500)
    await expect(openAt(folder)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await chmod(folder, 0o700)
  })
})

describe('a filesystem', () => {
  it('is a disk, a network or passing, by its number', () => {
    expect(judgeFilesystem(0xef53)).toEqual({ kind: 'disk' })
    expect(judgeFilesystem(0x6969)).toEqual({ kind: 'network', name: 'NFS' })
    expect(judgeFilesystem(0x01021997).kind).toBe('network')
    expect(judgeFilesystem(0x65735546).kind).toBe('network')
    // SMB2 as the signed number that some machines give.
    expect(judgeFilesystem(0xfe534d42 | 0)).toEqual({ kind: 'network', name: 'SMB2' })
    expect(judgeFilesystem(0x01021994)).toEqual({ kind: 'passing', name: 'tmpfs' })
    expect(judgeFilesystem(0x794c7630).kind).toBe('passing')
  })
})
