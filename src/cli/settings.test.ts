import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StorageError } from '../core/errors.js'
import { configOf, readEnvFile, resolveSettings, secretsOf } from './settings.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const flag = (name: string, flagName: string, text: string) => new Map([[name, { flag: flagName, text }]])
const file = (values: Record<string, string>) => ({ path: '/etc/holdfast.env', values })
const found = (settings: ReturnType<typeof resolveSettings>, name: string) =>
  settings.find(({ variable }) => variable.name === name)

describe('resolveSettings', () => {
  test('a flag counts before the environment, that before the file, that before the default', () => {
    const env = { OBJECT_STORAGE_BUCKET: 'from-env', OBJECT_STORAGE_REGION: 'eu-env-1' }
    const values = file({
      OBJECT_STORAGE_BUCKET: 'from-file',
      OBJECT_STORAGE_REGION: 'x',
      HOLDFAST_PORT: '81',
    })
    const settings = resolveSettings(flag('OBJECT_STORAGE_BUCKET', '--bucket', 'from-flag'), env, values)
    expect(found(settings, 'OBJECT_STORAGE_BUCKET')).toMatchObject({
      text: 'from-flag',
      origin: { kind: 'flag', name: '--bucket' },
    })
    expect(found(settings, 'OBJECT_STORAGE_REGION')).toMatchObject({
      text: 'eu-env-1',
      origin: { kind: 'environment', name: 'OBJECT_STORAGE_REGION' },
    })
    expect(found(settings, 'HOLDFAST_PORT')).toMatchObject({
      text: '81',
      origin: { kind: 'file', name: 'HOLDFAST_PORT', path: '/etc/holdfast.env' },
    })
    expect(found(settings, 'LOCAL_STORAGE_PATH')?.origin).toEqual({ kind: 'default' })
    expect(configOf(settings)).toMatchObject({ objectStorageBucket: 'from-flag', port: 81 })
  })

  test('an empty variable counts as unset, and lets the file through', () => {
    const settings = resolveSettings(
      new Map(),
      { OBJECT_STORAGE_BUCKET: ' ' },
      file({ OBJECT_STORAGE_BUCKET: 'given' }),
    )
    expect(configOf(settings).objectStorageBucket).toBe('given')
  })

  test("an alias in the environment counts before the file's own name", () => {
    const settings = resolveSettings(new Map(), { PORT: '3000' }, file({ HOLDFAST_PORT: '81' }))
    expect(configOf(settings).port).toBe(3000)
    expect(found(settings, 'HOLDFAST_PORT')?.origin).toEqual({ kind: 'environment', name: 'PORT' })
  })
})

describe('configOf', () => {
  test('names every wrong setting as it was given, one a line', () => {
    const settings = resolveSettings(
      flag('OBJECT_STORAGE_BUCKET', '--bucket', 'NO'),
      { OBJECT_STORAGE_ENABLED: 'perhaps' },
      file({ HOLDFAST_PORT: '99999' }),
    )
    const error = catchError(() => configOf(settings))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message.split('\n').slice(1).sort()).toEqual([
      expect.stringMatching(/^ {2}--bucket: got "NO"; accepted: a bucket name/),
      expect.stringMatching(/^ {2}HOLDFAST_PORT \(in \/etc\/holdfast\.env\): got "99999"; accepted: /),
      expect.stringMatching(/^ {2}OBJECT_STORAGE_ENABLED: got "perhaps"; accepted: true or false/),
    ])
  })

  test('shows no secret', () => {
    const settings = resolveSettings(new Map(), { OBJECT_STORAGE_SECRET_KEY: 'not printable ü' }, undefined)
    expect(catchError(() => configOf(settings)).message).not.toContain('printable ü')
  })
})

test('secretsOf finds every key of a list', () => {
  const env = {
    HOLDFAST_API_KEYS: 'first-key-0123456789, second-key-0123456789',
    OBJECT_STORAGE_REGION: 'eu-1',
  }
  const secrets = secretsOf(
    resolveSettings(new Map(), env, file({ OBJECT_STORAGE_SECRET_KEY: 'file-secret' })),
  )
  expect(secrets).toEqual(
    expect.arrayContaining(['first-key-0123456789', 'second-key-0123456789', 'file-secret']),
  )
  expect(secrets).not.toContain('eu-1')
})

describe('readEnvFile', () => {
  test('reads comments, quotes, and a byte order mark', () => {
    const path = join(folder, 'env')
    writeFileSync(path, '\ufeffA=1 # one\nB="two words"\n# C=3\n')
    expect(readEnvFile(path)).toEqual({ path, values: { A: '1', B: 'two words' } })
  })

  test('a file that was named has to be there', () => {
    const error = catchError(() => readEnvFile(join(folder, 'absent')))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(join(folder, 'absent'))
    mkdirSync(join(folder, 'is-folder'))
    expect(catchError(() => readEnvFile(join(folder, 'is-folder'))).code).toBe('CONFIG_INVALID')
  })
})

function catchError(call: () => unknown): StorageError {
  try {
    call()
  } catch (error) {
    if (StorageError.is(error)) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
