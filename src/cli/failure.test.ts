import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode, StorageError } from '../core/errors.js'
import { failureOf } from './failure.js'

describe('failureOf', () => {
  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s has the exit code of the table', code => {
    const failure = failureOf(new StorageError({ code, op: 'put', key: 'a', message: 'It went wrong.' }))
    expect(failure).toMatchObject({ code, message: 'It went wrong.', exitCode: ERROR_CODES[code].exitCode })
    expect(failure.json).toMatchObject({ code, op: 'put', key: 'a', message: 'It went wrong.' })
    expect(failure.stack).toBeUndefined()
  })

  test('a wrong command line is 2, on one line', () => {
    const error = new CommanderError(
      1,
      'commander.unknownCommand',
      "error: unknown command 'putt'\n(Did you mean put?)",
    )
    expect(failureOf(error)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: "unknown command 'putt' (Did you mean put?); --help explains.",
      exitCode: 2,
    })
  })

  test('what is accepted is followed by one mark', () => {
    const error = new CommanderError(
      1,
      'commander.invalidArgument',
      "error: option '-c <n>' argument '0' is invalid. Accepted: 1.",
    )
    expect(failureOf(error).message).toBe(
      "option '-c <n>' argument '0' is invalid. Accepted: 1; --help explains.",
    )
  })

  test('the value of an unknown option is not repeated', () => {
    const error = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--secret-key=hunter2'",
    )
    expect(failureOf(error).message).toBe("unknown option '--secret-key'; --help explains.")
  })

  test('an error of the system keeps its code', () => {
    const error = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' })
    expect(failureOf(error)).toEqual({
      code: 'EACCES',
      message: 'EACCES: permission denied',
      exitCode: 1,
      json: { code: 'EACCES', message: 'EACCES: permission denied' },
    })
  })

  test('what nobody foresaw tells where it happened', () => {
    const failure = failureOf(new TypeError('x is undefined'))
    expect(failure).toMatchObject({ code: 'INTERNAL', exitCode: 1 })
    expect(failure.stack).toContain('failure.test')
    expect(failureOf('thrown text')).toMatchObject({ code: 'INTERNAL', message: 'thrown text', exitCode: 1 })
  })
})
