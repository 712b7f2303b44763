import { describe, expect, it } from 'vitest'
import { nextTurn } from './turn.js'

describe('nextTurn', () => {
  it('lets a timer fire among operations that need no input or output', async () => {
    let fired = false
    setTimeout(() => {
      fired = true
    }, 5)
    for (const until = performance.now() + 30_000; !fired && performance.now() < until; ) {
      await nextTurn()
      await Promise.resolve()
    }
    expect(fired).toBe(true)
  })
})
