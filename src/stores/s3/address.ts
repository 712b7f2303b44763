import { StorageError, shown } from '../../core/errors.js'
import { encodeKey } from '../../core/key.js'

/** Where a bucket is reached. */
export interface Address {
  /** Scheme, host and port. */
  readonly origin: string
  /** As it is sent in the Host header. */
  readonly host: string
  /** The path of the bucket itself: `/` under virtual-host addressing, else `/<bucket>`. */
  readonly bucketPath: string
  /** What comes before a key: `/` or `/<bucket>/`. */
  readonly keyPath: string
}

/** What an address is worked out from. */
export interface AddressOptions {
  /** URL of the server; AWS unless given. */
  readonly endpoint?: string | undefined
  readonly region: string
  readonly bucket: string
  /** Addresses the bucket by path. By default a custom endpoint is, and AWS is addressed by host name. */
  readonly forcePathStyle?: boolean | undefined
}

/**
 * Works out where a bucket is (S3 API, "Virtual hosting of buckets"). A bucket with a dot in its name is always
 * addressed by path over https, since no certificate covers it as a host name.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function addressOf(options: AddressOptions): Address {
  const { bucket, region } = options
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket)) {
    throw invalid(
      `Invalid bucket ${shown(bucket)}; accepted: 3 to 63 lower-case letters, digits, dots and hyphens.`,
    )
  }
  if (!/^[A-Za-z0-9-]{1,63}$/.test(region)) {
    throw invalid(`Invalid region ${shown(region)}; accepted: a region name such as eu-central-1.`)
  }
  const custom = options.endpoint !== undefined && options.endpoint !== ''
  const url = parseEndpoint(
    custom ? (options.endpoint as string) : `https://s3.${region}.${awsDomain(region)}`,
  )
  const dotted = url.protocol === 'https:' && bucket.includes('.')
  const byPath = options.forcePathStyle ?? (custom || dotted)
  const base = url.pathname.replace(/\/+$/, '')
  if (byPath || dotted) {
    const bucketPath = `${base}/${bucket}`
    return { origin: url.origin, host: url.host, bucketPath, keyPath: `${bucketPath}/` }
  }
  const host = `${bucket}.${url.host}`
  return { origin: `${url.protocol}//${host}`, host, bucketPath: `${base}/`, keyPath: `${base}/` }
}

/** The URL of an object, unsigned. */
export function urlOf(address: Address, key: string): string {
  return `${address.origin}${address.keyPath}${encodeKey(key)}`
}

function awsDomain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const accepted = 'accepted: http(s)://host[:port][/path], without user, query or fragment'
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(`Invalid endpoint ${shown(text.replace(/\/\/[^/]*@/, '//***@'))}; ${accepted}.`)
  }
  // What stands there may be a password, so it is not shown.
  if (url.username !== '' || url.password !== '')
    throw invalid(`The endpoint ${url.host} has a user; ${accepted}.`)
  if (url.search !== '' || url.hash !== '')
    throw invalid(`The endpoint ${url.host} has a query or fragment; ${accepted}.`)
  return url
}

function invalid(message: string): StorageError {
  return new StorageError({ code: 'CONFIG_INVALID', op: 'config', store: 's3', message })
}
