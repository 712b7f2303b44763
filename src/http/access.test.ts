import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Access } from './access.js'
import { type HandlerOptions, type HttpStorage, readOptions } from './options.js'

const access = (options: HandlerOptions = {}): Access => new Access({} as HttpStorage, readOptions(options))
const from = (remoteAddress: string | undefined): IncomingMessage =>
  ({ method: 'GET', headers: { host: 'localhost' }, socket: { remoteAddress } }) as unknown as IncomingMessage

describe('without access rules', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('%s is this machine', address => {
    expect(() => access().guard(from(address))).not.toThrow()
  })

  test.each(['192.0.2.1', '::ffff:192.0.2.1', '::2', '10.127.0.1', 'fe80::1', undefined])(
    '%s is not, whatever name it uses',
    address => {
      expect(() => access().guard(from(address))).toThrow(
        expect.objectContaining({ code: 'PERMISSION_DENIED' }),
      )
    },
  )
})

test('with access rules it does not matter where a request comes from', () => {
  expect(() => access({ authorize: () => true }).guard(from('192.0.2.1'))).not.toThrow()
  expect(() => access({ apiKeys: ['a-key-of-sixteen-or-more'] }).guard(from('192.0.2.1'))).not.toThrow()
})
