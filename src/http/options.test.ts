import { describe, expect, test } from 'vitest'
import { type HandlerOptions, readOptions } from './options.js'

test('the defaults', () => {
  expect(readOptions({})).toMatchObject({
    apiKeys: [],
    maxUploadBytes: 5 * 1024 ** 3,
    basePath: '',
    crossOriginResourcePolicy: 'same-site',
    idleTimeoutMs: 60_000,
  })
})

describe('is refused with CONFIG_INVALID, and named:', () => {
  test.each([
    ['apiKeys', { apiKeys: ['short'] }],
    ['apiKeys', { apiKeys: ['with a space in it, longer'] }],
    ['apiKeys', { apiKeys: 'a-string-of-16-characters' }],
    ['authorize', { authorize: true }],
    ['maxUploadBytes', { maxUploadBytes: 0 }],
    ['maxUploadBytes', { maxUploadBytes: 1.5 }],
    ['idleTimeoutMs', { idleTimeoutMs: -1 }],
    ['idleTimeoutMs', { idleTimeoutMs: 2 ** 31 }],
    ['basePath', { basePath: 'files' }],
    ['basePath', { basePath: '/files/' }],
    ['crossOriginResourcePolicy', { crossOriginResourcePolicy: 'anybody' }],
    ['cors.origins', { cors: { origins: ['https://a.example/path'] } }],
    ['cors.origins', { cors: { origins: 'https://a.example' } }],
    ['cors.credentials', { cors: { origins: '*', credentials: true } }],
  ])('%s in %j', (name, options) => {
    expect(() => readOptions(options as HandlerOptions)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`Invalid ${name}`),
      }),
    )
  })
})

test('a refused API key is not shown', () => {
  expect(() => readOptions({ apiKeys: ['secret key'] })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret key') }),
  )
})
