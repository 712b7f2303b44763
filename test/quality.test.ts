import { expect, test } from 'vitest'
import { start } from './support/process.js'

// The two halves of `npm run check`, each with all that it found.

test('the types are right', async () => {
  const { code, stdout } = await start('node_modules/.bin/tsc', ['--noEmit']).ended
  expect(stdout).toBe('')
  expect(code).toBe(0)
})

test('the code is formatted, and the linter finds nothing', async () => {
  const { code, stdout, stderr } = await start('node_modules/.bin/biome', [
    'check',
    '--error-on-warnings',
    '.',
  ]).ended
  expect(code === 0 ? '' : stdout + stderr).toBe('')
})
