import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSpillFile } from '../core/spill-file.js'
import { Packed } from './packed.js'

const MIB = 1024 * 1024

test.each([0, 3, 8, 9])(
  'gives %i pieces of 1 MiB again from anywhere, from memory as from a file',
  async count => {
    const openSpill = vi.fn(() => openSpillFile(tmpdir()))
    const packed = new Packed(openSpill)
    onTestFinished(() => packed.close())
    const pieces = Array.from({ length: count }, () => randomBytes(MIB))
    for (const piece of pieces) await packed.append(piece)
    packed.finish()
    const all = Buffer.concat(pieces)
    expect(packed.size).toBe(all.length)
    expect(packed.sha256).toBe(createHash('sha256').update(all).digest('hex'))
    expect(openSpill).toHaveBeenCalledTimes(count > 8 ? 1 : 0)
    expect((await packed.read(0, all.length)).equals(all)).toBe(true)
    for (const start of [1, MIB - 1, MIB + 5].filter(at => at < all.length)) {
      expect((await packed.read(start, 100)).equals(all.subarray(start, start + 100))).toBe(true)
    }
    await packed.close()
    await packed.close()
    await expect(packed.read(0, 1)).rejects.toMatchObject({ code: 'INTERNAL' })
  },
)

test('a full disk is NO_SPACE, any other failure of it INTERNAL', async () => {
  for (const [code, expected] of [
    ['ENOSPC', 'NO_SPACE'],
    ['EDQUOT', 'NO_SPACE'],
    ['EIO', 'INTERNAL'],
  ]) {
    const packed = new Packed(async () => {
      throw Object.assign(new Error('no'), { code })
    })
    await packed.append(Buffer.alloc(8 * MIB))
    await expect(packed.append(Buffer.alloc(1))).rejects.toMatchObject({ code: expected })
    await packed.close()
  }
})
