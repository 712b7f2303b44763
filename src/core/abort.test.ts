import { describe, expect, it } from 'vitest'
import { endedBy } from './abort.js'
import { openSource, type Source } from './source.js'

const BYTES = Buffer.from('some bytes')

/** A source whose reads never end, and their number. */
function stalled(): { source: Source; reads: () => number } {
  let reads = 0
  const read = (): Promise<Buffer> => {
    reads++
    return new Promise(() => {})
  }
  return { source: { size: 10, read, release: () => {}, close: async () => {} }, reads: () => reads }
}

describe('endedBy', () => {
  it('is the source itself where there is no signal', async () => {
    const source = await openSource(BYTES)
    expect(endedBy(undefined, source, 'put')).toBe(source)
  })

  it('reads, releases and closes as the source does', async () => {
    const told: number[] = []
    const source = await openSource(BYTES, { onProgress: ({ sentBytes }) => told.push(sentBytes) })
    const ended = endedBy(new AbortController().signal, source, 'put')
    expect(ended.size).toBe(BYTES.length)
    expect(await ended.read(5, 100)).toEqual(BYTES.subarray(5))
    ended.release(7)
    expect(told).toEqual([7])
    await ended.close()
  })

  it('ends a read that stalls', async () => {
    const controller = new AbortController()
    const read = endedBy(controller.signal, stalled().source, 'put', 'a').read(0, 1)
    controller.abort()
    await expect(read).rejects.toMatchObject({ code: 'ABORTED', op: 'put', key: 'a' })
  })

  it('reads nothing once the signal has fired', async () => {
    const { source, reads } = stalled()
    const ended = endedBy(AbortSignal.abort(), source, 'put')
    await expect(ended.read(0, 1)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(reads()).toBe(0)
  })

  it('lets a read fail as it fails, also after the signal', async () => {
    const controller = new AbortController()
    let fail = (_: Error): void => {}
    const failing = new Promise<Buffer>((_, reject) => {
      fail = reject
    })
    const source = { ...stalled().source, read: () => failing }
    const read = endedBy(controller.signal, source, 'put').read(0, 1)
    controller.abort()
    await expect(read).rejects.toMatchObject({ code: 'ABORTED' })
    // Nobody waits for this any more; it must not end the process.
    fail(new Error('late'))
  })

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof addEventListener>) => {
        listeners++
        addEventListener.apply(signal, args)
      },
      removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
        listeners--
        removeEventListener.apply(signal, args)
      },
    })
    const ended = endedBy(signal, await openSource(BYTES), 'put')
    for (let i = 0; i < 100; i++) await ended.read(0, 5)
    expect(listeners).toBe(0)
  })
})
