import { expect, it } from 'vitest'
import { formatDisposition } from './content-disposition.js'

it.each([
  ['attachment', 'cat.jpg', 'attachment; filename="cat.jpg"'],
  ['inline', undefined, 'inline'],
  ['attachment', 'Größe.txt', `attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt`],
  ['attachment', '写真.jpg', `attachment; filename="__.jpg"; filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg`],
] as const)('writes %s of %s in ASCII', (type, name, expected) => {
  expect(formatDisposition(type, name)).toBe(expected)
})
