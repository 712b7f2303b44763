import { expect, test } from 'vitest'
import { homePage } from './home-page.js'

const FACTS = {
  state: 'healthy',
  status: undefined,
  origin: 'http://localhost:8080',
  basePath: '/files',
} as const

test('the commands are those that work here', () => {
  const open = homePage({ ...FACTS, needs: 'nothing' })
  expect(open).toContain('curl -X DELETE http://localhost:8080/files/uploads/hello.txt</code>')
  expect(open).not.toMatch(/Authorization|class="note"/)
  const keyed = homePage({ ...FACTS, needs: 'key' })
  expect(
    keyed.match(/ \\\n {2}-H &quot;Authorization: Bearer \$HOLDFAST_API_KEY&quot;<\/code>/g),
  ).toHaveLength(4)
  expect(keyed).toContain('HOLDFAST_API_KEYS')
})

test('where the application decides, nobody is sent for an API key', () => {
  const decided = homePage({ ...FACTS, needs: 'leave' })
  expect(decided).toContain('The application decides')
  expect(decided).not.toMatch(/API_KEY/)
})
