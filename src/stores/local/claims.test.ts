import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Claims } from './claims.js'
import { diskFiles } from './files.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-claims-'))
})
afterEach(async () => rm(folder, { recursive: true }))

const claimsOf = (process: string): Claims => new Claims(diskFiles, folder, process)

it('tells the folders of the living from those of the dead', async () => {
  const living = claimsOf('1.2.3')
  const dead = claimsOf('1.2.4')
  await Promise.all([living.claim('aa'), living.claim('aa'), dead.claim('aa'), dead.claim('bb')])
  await utimes(join(folder, 'claims', '1.2.4~bb'), 5, 5)
  const read = await living.read(id => id === '1.2.4')
  expect([...read.living]).toEqual(['aa'])
  expect([...read.dead.keys()].sort()).toEqual(['aa', 'bb'])
  expect(read.dead.get('bb')).toEqual({ marks: ['1.2.4~bb'], since: 5000 })
  await living.forget(['1.2.4~aa', '1.2.4~bb', '1.2.4~gone'])
  expect(await readdir(join(folder, 'claims'))).toEqual(['1.2.3~aa'])
})

it('ends with its process, and begins anew where it is wanted again', async () => {
  const claims = claimsOf('1.2.3')
  expect((await claims.read(() => false)).living.size).toBe(0)
  await claims.claim('aa')
  await claims.release()
  expect(await readdir(join(folder, 'claims'))).toEqual([])
  await claims.claim('aa')
  expect(await readdir(join(folder, 'claims'))).toEqual(['1.2.3~aa'])
})

it('that could not be made is tried again', async () => {
  let fails = true
  const claims = new Claims(
    {
      ...diskFiles,
      create: path => (fails ? Promise.reject(new Error('no')) : diskFiles.create(path)),
    },
    folder,
    '1.2.3',
  )
  await expect(claims.claim('aa')).rejects.toThrow('no')
  fails = false
  await claims.claim('aa')
  expect(await readdir(join(folder, 'claims'))).toEqual(['1.2.3~aa'])
})
