import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseKey } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import { diskFiles, type Files } from './files.js'
import { openRoot } from './root.js'
import { LocalStore } from './store.js'

const attributes = { contentType: 'text/plain', metadata: {} }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-tree-'))
})
afterEach(async () => rm(folder, { recursive: true }))

describe('a process that stood still between a look at a file and what it was about to do with it', () => {
  it.each(['removal', 'overwriting'])(
    'leaves the file alone, if another container has taken the folder over meanwhile: %s',
    async what => {
      const path = join(folder, 'a')
      let loses = false
      const files: Files = {
        ...diskFiles,
        lstat: async at => {
          const found = await diskFiles.lstat(at)
          if (loses && at === path) {
            loses = false
            const other = { boot: 'other', namespace: '1', pid: 1, beat: 1 }
            await writeFile(join(folder, '.holdfast', 'lease'), JSON.stringify(other).padEnd(256))
            await sleep(300)
          }
          return found
        },
      }
      const root = await openRoot({
        path: folder,
        create: true,
        ballastBytes: 0,
        files,
        lease: { beatMs: 100 },
      })
      const store = await LocalStore.open(root)
      const put = async (text: string): Promise<unknown> =>
        store.put(parseKey('a'), await openSource(Buffer.from(text)), { attributes })
      await put('one')
      await root.placer.flush()
      loses = true
      await (what === 'removal' ? store.delete(parseKey('a')) : put('two'))
      expect(loses).toBe(false)
      expect(await readFile(path, 'utf8')).toBe('one')
      await store.close()
      await root.close()
      expect(await readFile(path, 'utf8')).toBe('one')
    },
  )
})
