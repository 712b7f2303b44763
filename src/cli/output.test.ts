import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { BrokenPipe, Output, printable } from './output.js'

function outputs(options: { json?: boolean; quiet?: boolean } = {}, fail?: NodeJS.ErrnoException) {
  const written = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => {
    const stream = new Writable({
      write(chunk, _encoding, done) {
        if (name === 'out' && fail !== undefined) return done(fail)
        written[name] += chunk
        done()
      },
    })
    stream.on('error', () => {})
    return stream
  }
  const output = new Output({ json: false, quiet: false, ...options }, sink('out'), sink('err'))
  return { output, written }
}

const failure = { code: 'NOT_FOUND', message: 'There is none.', exitCode: 3, json: { code: 'NOT_FOUND' } }

describe('Output', () => {
  test('data goes to stdout, everything else to stderr', async () => {
    const { output, written } = outputs()
    await output.line('data')
    output.note('note')
    output.warn('careful')
    output.failure(failure)
    expect(written).toEqual({
      out: 'data\n',
      err: 'note\nwarning: careful\nholdfast: There is none. (NOT_FOUND)\n',
    })
  })

  test('in JSON notes are left out, and errors are objects', async () => {
    const { output, written } = outputs({ json: true })
    await output.object({ a: 1 })
    output.note('note')
    output.failure(failure)
    expect(written).toEqual({ out: '{"a":1}\n', err: '{"error":{"code":"NOT_FOUND"}}\n' })
  })

  test('quiet leaves warnings and errors', () => {
    const { output, written } = outputs({ quiet: true })
    output.note('note')
    output.warn('careful')
    expect(written.err).toBe('warning: careful\n')
  })

  test('a hidden text reaches stderr in no message', () => {
    const { output, written } = outputs()
    output.hide(['hunter2-secret', 'abc'])
    output.note('key hunter2-secret of abc')
    output.failure({ ...failure, message: 'hunter2-secret refused' })
    expect(written.err).toBe('key *** of abc\nholdfast: *** refused (NOT_FOUND)\n')
  })

  test('tells a reader that has gone from a disk that is full', async () => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
    await expect(outputs({}, gone).output.line('x')).rejects.toBeInstanceOf(BrokenPipe)
    const full = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
    await expect(outputs({}, full).output.line('x')).rejects.toBe(full)
  })

  test('a write that nobody takes ends with the signal', async () => {
    const stuck = new Writable({ write() {} })
    const output = new Output({ json: false, quiet: false }, stuck, stuck)
    const controller = new AbortController()
    output.endOn(controller.signal)
    const written = output.line('x')
    controller.abort(new Error('stop'))
    await expect(written).rejects.toThrow('stop')
    await expect(output.line('y')).rejects.toThrow('stop')
  })

  test('a progress bar is taken out of the way of what is said', () => {
    const { output, written } = outputs()
    output.clearBefore(() => {
      written.err += '[cleared]'
    })
    output.warn('careful')
    output.clearBefore(undefined)
    output.warn('again')
    expect(written.err).toBe('[cleared]warning: careful\nwarning: again\n')
  })
})

test('printable escapes what would move the cursor or turn the text around', () => {
  expect(printable('a\u001b[31mb\u202ecod.exe\n')).toBe('a\\u{1b}[31mb\\u{202e}cod.exe\\u{a}')
  expect(printable('Grüße 👋 世界')).toBe('Grüße 👋 世界')
})
