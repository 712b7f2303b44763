import { expect, test } from 'vitest'
import { html } from './markup.js'

test('text is escaped, markup is not', () => {
  const text = `<script>alert("1" & '2')</script>`
  const inner = html`<b title="${text}">${text}</b>`
  const escaped = '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;'
  expect(inner.markup).toBe(`<b title="${escaped}">${escaped}</b>`)
  expect(html`<p>${[inner, inner]}</p>`.markup).toBe(`<p>${inner.markup}${inner.markup}</p>`)
})
