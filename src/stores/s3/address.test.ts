import { describe, expect, it } from 'vitest'
import { addressOf, urlOf } from './address.js'

describe('addressOf', () => {
  const region = 'eu-central-1'

  it.each([
    [{}, 'https://bucket.s3.eu-central-1.amazonaws.com/a/b'],
    [{ endpoint: '' }, 'https://bucket.s3.eu-central-1.amazonaws.com/a/b'],
    [{ region: 'cn-north-1' }, 'https://bucket.s3.cn-north-1.amazonaws.com.cn/a/b'],
    [{ forcePathStyle: true }, 'https://s3.eu-central-1.amazonaws.com/bucket/a/b'],
    [{ bucket: 'dotted.bucket' }, 'https://s3.eu-central-1.amazonaws.com/dotted.bucket/a/b'],
    [
      { bucket: 'dotted.bucket', forcePathStyle: false },
      'https://s3.eu-central-1.amazonaws.com/dotted.bucket/a/b',
    ],
    [{ endpoint: 'http://localhost:9000' }, 'http://localhost:9000/bucket/a/b'],
    [{ endpoint: 'http://localhost:80/' }, 'http://localhost/bucket/a/b'],
    [{ endpoint: 'https://[::1]:9000' }, 'https://[::1]:9000/bucket/a/b'],
    [{ endpoint: 'https://example.com/s3/', forcePathStyle: true }, 'https://example.com/s3/bucket/a/b'],
    [{ endpoint: 'https://example.com', forcePathStyle: false }, 'https://bucket.example.com/a/b'],
    [{ endpoint: 'http://example.com', bucket: 'a.b', forcePathStyle: false }, 'http://a.b.example.com/a/b'],
  ])('places %j', (options, url) => {
    expect(urlOf(addressOf({ region, bucket: 'bucket', ...options }), 'a/b')).toBe(url)
  })

  it('encodes keys', () => {
    const address = addressOf({ region, bucket: 'bucket', endpoint: 'http://h' })
    expect(urlOf(address, "ü +%?#&='()*!~")).toBe(
      'http://h/bucket/%C3%BC%20%2B%25%3F%23%26%3D%27%28%29%2A%21~',
    )
  })

  it.each([
    [{ bucket: 'a' }, 'bucket'],
    [{ bucket: 'a/b' }, 'bucket'],
    [{ bucket: '../x' }, 'bucket'],
    [{ region: '' }, 'region'],
    [{ region: 'eu/x' }, 'region'],
    [{ endpoint: 'localhost:9000' }, 'endpoint'],
    [{ endpoint: 'ftp://h' }, 'endpoint'],
    [{ endpoint: 'http://user:hunter2@h' }, 'endpoint'],
    [{ endpoint: 'nonsense://user:hunter2@h' }, 'endpoint'],
    [{ endpoint: 'http://h?x=hunter2' }, 'endpoint'],
    [{ endpoint: 'http://h#x' }, 'endpoint'],
  ])('refuses %j, and shows no password', (options, named) => {
    const place = () => addressOf({ region, bucket: 'bucket', ...options })
    expect(place).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(named) }),
    )
    expect(place).not.toThrow('hunter2')
  })
})
