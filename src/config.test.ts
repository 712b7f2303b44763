import { describe, expect, it } from 'vitest'
import { activeProvider, completeConfig, infrastructureConfig, loadConfig, VARIABLES } from './config.js'
import { StorageError } from './core/errors.js'

function messageOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(StorageError.is(error, 'CONFIG_INVALID')).toBe(true)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('loadConfig', () => {
  it('has the defaults of the specification', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({
      objectStorageEnabled: false,
      objectStorageProvider: 's3',
      objectStorageBucket: 'chat-system',
      objectStorageEndpoint: undefined,
      objectStorageAccessKey: undefined,
      objectStorageRegion: 'us-east-1',
      localStoragePath: './uploads',
    })
    expect(activeProvider(config)).toBe('local')
  })

  it('takes empty variables as unset', () => {
    const config = loadConfig({
      OBJECT_STORAGE_ENDPOINT: '',
      OBJECT_STORAGE_ACCESS_KEY: ' ',
      OBJECT_STORAGE_ENABLED: '',
    })
    expect(config.objectStorageEndpoint).toBeUndefined()
    expect(config.objectStorageAccessKey).toBeUndefined()
    expect(config.objectStorageEnabled).toBe(false)
  })

  it('names every wrong variable at once, with what it got and what it takes', () => {
    const message = messageOf(() =>
      loadConfig({
        OBJECT_STORAGE_ENABLED: 'maybe',
        OBJECT_STORAGE_BUCKET: 'Not A Bucket',
        OBJECT_STORAGE_ENDPOINT: 'localhost:9000',
        HOLDFAST_PORT: '70000',
        OBJECT_STORAGE_PART_BYTES: '1MiB',
        OBJECT_STORAGE_ACCESS_KEY: 'key',
      }),
    )
    expect(message).toContain('OBJECT_STORAGE_ENABLED: got "maybe"; accepted: true or false.')
    expect(message).toContain('OBJECT_STORAGE_BUCKET: got "Not A Bucket"')
    expect(message).toContain('OBJECT_STORAGE_ENDPOINT: got "localhost:9000"')
    expect(message).toContain('HOLDFAST_PORT: got "70000"; accepted: a whole number from 0 to 65535.')
    expect(message).toContain('OBJECT_STORAGE_PART_BYTES: got "1MiB"')
    expect(message).toContain('OBJECT_STORAGE_SECRET_KEY: got nothing, but OBJECT_STORAGE_ACCESS_KEY is set')
  })

  it('takes origins for CORS as browsers send them', () => {
    const of = (text: string) => loadConfig({ HOLDFAST_CORS_ORIGINS: text }).corsOrigins
    expect(of('https://a.example, http://localhost:3000')).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ])
    expect([of('*'), of('')]).toEqual([['*'], []])
    expect(completeConfig({ corsOrigins: ['https://a.example'] }).corsOrigins).toEqual(['https://a.example'])
    for (const wrong of [
      'https://a.example/',
      'a.example',
      'https://A.example',
      'null',
      'https://a.example,*',
      ',',
    ]) {
      expect(messageOf(() => of(wrong))).toContain('HOLDFAST_CORS_ORIGINS')
    }
  })

  it('shows no secret', () => {
    const message = messageOf(() =>
      loadConfig({
        OBJECT_STORAGE_ACCESS_KEY: 'planted secret 1',
        OBJECT_STORAGE_SECRET_KEY: 'planted secret 2',
        HOLDFAST_API_KEYS: 'planted3',
        OBJECT_STORAGE_ENDPOINT: 'https://user:planted4@example.com',
      }),
    )
    expect(message).not.toMatch(/planted/)
    for (const name of [
      'OBJECT_STORAGE_ACCESS_KEY',
      'OBJECT_STORAGE_SECRET_KEY',
      'HOLDFAST_API_KEYS',
      'OBJECT_STORAGE_ENDPOINT',
    ]) {
      expect(message).toContain(`${name}: got `)
    }
  })

  it('wants an endpoint for MinIO', () => {
    expect(
      messageOf(() => loadConfig({ OBJECT_STORAGE_ENABLED: 'true', OBJECT_STORAGE_PROVIDER: 'minio' })),
    ).toContain('OBJECT_STORAGE_ENDPOINT')
  })

  it('follows the specification for an unknown provider, and refuses it when strict', () => {
    const env = { OBJECT_STORAGE_ENABLED: 'true', OBJECT_STORAGE_PROVIDER: 'gcs' }
    expect(activeProvider(loadConfig(env))).toBe('local')
    expect(messageOf(() => loadConfig({ ...env, STRICT_CONFIG: 'true' }))).toContain(
      'OBJECT_STORAGE_PROVIDER: got "gcs"',
    )
  })

  it.each([
    ['8388608', 8 * 1024 * 1024],
    ['16MiB', 16 * 1024 * 1024],
    ['16 mb', 16 * 1024 * 1024],
    ['1g', 1024 * 1024 * 1024],
  ])('reads %s as bytes', (text, bytes) => {
    expect(loadConfig({ OBJECT_STORAGE_PART_BYTES: text }).objectStoragePartBytes).toBe(bytes)
  })

  it('reads PORT where HOLDFAST_PORT is unset', () => {
    expect(loadConfig({ PORT: '9000' }).port).toBe(9000)
    expect(loadConfig({ PORT: '9000', HOLDFAST_PORT: '9001' }).port).toBe(9001)
  })

  it('names each variable once', () => {
    const names = Object.values(VARIABLES).flatMap(variable => [variable.name, ...(variable.aliases ?? [])])
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('completeConfig', () => {
  it('fills in defaults and obeys the same rules', () => {
    expect(completeConfig({ localStoragePath: '/data', objectStorageEndpoint: '' })).toMatchObject({
      localStoragePath: '/data',
      objectStorageEndpoint: undefined,
      port: 8080,
    })
    const message = messageOf(() => completeConfig({ port: '80' as never, nonsense: 1 } as never))
    expect(message).toContain('config.port: got "80"')
    expect(message).toContain('config.nonsense is not a setting')
  })

  it('takes lists', () => {
    expect(completeConfig({ apiKeys: ['a'.repeat(16), 'b'.repeat(16)] }).apiKeys).toEqual([
      'a'.repeat(16),
      'b'.repeat(16),
    ])
    expect(completeConfig({ apiKeys: [] }).apiKeys).toEqual([])
    expect(messageOf(() => completeConfig({ apiKeys: ['short'] }))).not.toContain('short')
  })
})

describe('infrastructureConfig', () => {
  it('has every setting under its name in code', () => {
    expect(Object.keys(infrastructureConfig)).toEqual(Object.keys(VARIABLES))
  })
})
