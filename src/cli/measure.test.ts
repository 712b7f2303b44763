import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { measure } from './measure.js'

async function sizes(root: string, avoid?: { dev: number; ino: number }): Promise<number[]> {
  const all: number[] = []
  for await (const bytes of measure(root, avoid)) all.push(bytes)
  return all.sort((a, b) => a - b)
}

test('measures every file, links and the folder to avoid left out', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-measure-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['a/b', 'store']) mkdirSync(join(root, folder), { recursive: true })
  for (let n = 0; n < 450; n++) writeFileSync(join(root, 'a/b', `${n}`), 'x'.repeat(n))
  writeFileSync(join(root, 'top'), 'y'.repeat(1000))
  writeFileSync(join(root, 'store/kept'), 'z')
  symlinkSync('a', join(root, 'link'))
  symlinkSync('absent', join(root, 'dangling'))
  const all = [...Array(450).keys(), 1000]
  expect(await sizes(root, statSync(join(root, 'store')))).toEqual(all)
  expect(await sizes(root)).toHaveLength(all.length + 1)
  expect(await sizes(join(root, 'absent'))).toEqual([])
})
