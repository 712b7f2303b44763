import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { readErrorDocument } from '../../stores/s3/errors.js'
import { type Check, fault, good, notice, type Verdict } from './findings.js'
import type { BucketPatient } from './patient.js'
import { milliseconds } from './times.js'

const DAY_MS = 24 * 3600 * 1000
/** A certificate that ends sooner is worth a word. */
const CERTIFICATE_DAYS = 21
/** S3 refuses requests whose time is further off. */
const REFUSED_SKEW_MS = 15 * 60_000
const NOTED_SKEW_MS = 60_000
const MAX_BODY_BYTES = 64 * 1024

/** Whether there is an S3 server at the other end, and the way there is sound. Nothing is signed yet. */
export const CONNECTION_CHECKS: readonly Check<BucketPatient>[] = [
  { check: 'dns', area: 'endpoint', examine: examineName },
  { check: 'connect', area: 'endpoint', needs: ['dns'], examine: examinePort },
  { check: 'tls', area: 'endpoint', needs: ['connect'], examine: examineCertificate },
  { check: 'protocol', area: 'endpoint', needs: ['tls', 'connect'], examine: examineProtocol },
  { check: 'clock', area: 'endpoint', needs: ['protocol'], examine: examineClock },
]

const ENDPOINT = 'OBJECT_STORAGE_ENDPOINT'

function urlOf({ address }: BucketPatient): URL {
  return new URL(`${address.origin}${address.bucketPath}`)
}

/** A host as sockets want it: an IPv6 address without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

async function examineName(patient: BucketPatient): Promise<Verdict> {
  const host = hostOf(urlOf(patient))
  if (isIP(host) !== 0) return good(`The endpoint is the address ${host}.`)
  try {
    const found = await lookup(host, { all: true })
    return good(`${host} is ${found.map(({ address }) => address).join(', ')}.`)
  } catch (error) {
    if (codeOf(error) === 'EAI_AGAIN') {
      return fault(
        `The name ${host} could not be looked up: the DNS server does not answer.`,
        "Check this machine's DNS (/etc/resolv.conf) and its network.",
        'UNAVAILABLE',
      )
    }
    return fault(`There is no host ${host}.`, await nameRemedy(patient, host), 'UNAVAILABLE')
  }
}

/** The name of a bucket within that of its server is often the one thing that does not resolve. */
async function nameRemedy({ config }: BucketPatient, host: string): Promise<string> {
  const endpoint = config.objectStorageEndpoint
  const server = endpoint === undefined ? undefined : hostOf(new URL(endpoint))
  if (server !== undefined && server !== host && (await resolves(server))) {
    return `${server} itself is found: set OBJECT_STORAGE_PATH_STYLE=true, so that the bucket stands in the path.`
  }
  return endpoint === undefined
    ? 'Check OBJECT_STORAGE_REGION and OBJECT_STORAGE_BUCKET, which the name is made of.'
    : `Check the name in ${ENDPOINT}.`
}

async function resolves(host: string): Promise<boolean> {
  if (isIP(host) !== 0) return true
  return lookup(host).then(
    () => true,
    () => false,
  )
}

async function examinePort(patient: BucketPatient): Promise<Verdict> {
  const url = urlOf(patient)
  const port = portOf(url)
  const host = hostOf(url)
  const addresses = isIP(host) !== 0 ? [{ address: host }] : await lookup(host, { all: true })
  const failures: string[] = []
  let fastest = Number.POSITIVE_INFINITY
  for (const { address } of addresses) {
    const start = performance.now()
    const failure = await tryPort(address, port, patient.deadlineMs)
    if (failure === undefined) fastest = Math.min(fastest, performance.now() - start)
    else failures.push(`${address}: ${failure}`)
  }
  if (failures.length === addresses.length) {
    return fault(
      `Port ${port} of ${host} takes no connection (${failures.join('; ')}).`,
      failures.every(failure => failure.endsWith(REFUSED))
        ? `See that the server runs and listens there, and check the port in ${ENDPOINT}.`
        : 'Check the network and the firewalls between this machine and the server.',
      'UNAVAILABLE',
    )
  }
  if (failures.length > 0) {
    return notice(
      `Of the addresses of ${host}, some take no connection (${failures.join('; ')}).`,
      'Mend those addresses, or take them out of the DNS: a connection may try them first.',
    )
  }
  return good(`Port ${port} of ${host} takes connections, in ${milliseconds(fastest)}.`)
}

const REFUSED = 'refused'

function tryPort(address: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port, timeout: timeoutMs })
    const end = (failure: string | undefined): void => {
      socket.destroy()
      resolve(failure)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end(`no answer within ${timeoutMs} ms`))
    socket.once('error', error => end(codeOf(error) === 'ECONNREFUSED' ? REFUSED : error.message))
  })
}

async function examineCertificate(patient: BucketPatient): Promise<Verdict | undefined> {
  const url = urlOf(patient)
  const host = hostOf(url)
  if (url.protocol === 'http:') {
    if (isPrivate(host)) return undefined
    return notice(
      `The endpoint is reached by http: what is uploaded and read passes the network in the clear.`,
      `Use https in ${ENDPOINT}, if the server has it.`,
    )
  }
  const seen = await shakeHands(host, portOf(url), patient.deadlineMs)
  if (typeof seen !== 'string') {
    const days = Math.floor((seen.validTo - Date.now()) / DAY_MS)
    const until = new Date(seen.validTo).toISOString().slice(0, 10)
    return days < CERTIFICATE_DAYS
      ? notice(`The certificate of ${host} ends in ${days} days (${until}).`, 'Have it renewed.')
      : good(`${seen.protocol} with a certificate that is valid until ${until}.`)
  }
  return fault(`${host} cannot be trusted: ${tlsProblem(seen)}.`, tlsRemedy(seen), 'UNAVAILABLE')
}

interface Handshake {
  readonly protocol: string
  /** When the certificate ends, in milliseconds since the epoch. */
  readonly validTo: number
}

/** @returns what was agreed on, or the code of the failure */
function shakeHands(
  host: string,
  port: number,
  timeoutMs: number,
  { trusting = false }: { readonly trusting?: boolean } = {},
): Promise<Handshake | string> {
  return new Promise(resolve => {
    const servername = isIP(host) === 0 ? { servername: host } : {}
    const options = { host, port, ...servername, timeout: timeoutMs, rejectUnauthorized: !trusting }
    const socket = connectTls(options)
    const end = (result: Handshake | string): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('secureConnect', () => {
      const { valid_to } = socket.getPeerCertificate()
      end({ protocol: socket.getProtocol() ?? 'TLS', validTo: Date.parse(valid_to) })
    })
    socket.once('timeout', () => end('ETIMEDOUT'))
    socket.once('error', error => end(codeOf(error) ?? error.message))
  })
}

/** Whether a server speaks TLS, with whatever certificate. */
async function takesTls(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return typeof (await shakeHands(host, port, timeoutMs, { trusting: true })) !== 'string'
}

const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

function tlsProblem(code: string): string {
  if (UNKNOWN_ISSUER.has(code)) return `nobody that this machine trusts has signed its certificate (${code})`
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name'
  return `the TLS handshake failed (${code})`
}

function tlsRemedy(code: string): string {
  if (UNKNOWN_ISSUER.has(code))
    return 'Set NODE_EXTRA_CA_CERTS to the file of the certificate authority (PEM), for the server and the command line alike.'
  if (code === 'CERT_HAS_EXPIRED') return 'Have it renewed.'
  if (code === 'CERT_NOT_YET_VALID') return "Check this machine's clock."
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `Use in ${ENDPOINT} the name that the certificate is for; or OBJECT_STORAGE_PATH_STYLE=true, if only the bucket's name before it is not covered.`
  return `Check whether the server speaks TLS on that port: ${ENDPOINT} may have to begin with http://.`
}

async function examineProtocol(patient: BucketPatient): Promise<Verdict> {
  const url = urlOf(patient)
  let answer: Answer
  const sentAt = Date.now()
  try {
    answer = await ask(url, patient.deadlineMs)
  } catch (error) {
    if (url.protocol === 'http:' && (await takesTls(hostOf(url), portOf(url), patient.deadlineMs))) {
      return speaksTls()
    }
    return fault(
      `${url.host} does not answer like a web server (${error instanceof Error ? error.message : String(error)}).`,
      `Check the port in ${ENDPOINT}: something else may listen there.`,
      'UNAVAILABLE',
    )
  }
  const { status, headers, body } = answer
  const date = Date.parse(headers.date ?? '')
  // Halfway between question and answer; the header has whole seconds.
  if (Number.isFinite(date)) patient.skewMs = date + 500 - (sentAt + Date.now()) / 2
  const document = readErrorDocument(body)
  const isListing = body.includes('<ListBucketResult')
  if (document !== undefined || isListing) {
    const server = headers['server'] === undefined ? '' : ` (${headers['server']})`
    return good(`An S3 server answers${server}.`)
  }
  if (url.protocol === 'http:' && status === 400 && /https/i.test(body.toString())) return speaksTls()
  const type = headers['content-type'] ?? 'no type'
  return fault(
    `What answers at ${url.host} is no S3 server: ${status} with ${body.length === 0 ? 'nothing' : type.split(';')[0]}.`,
    /html/.test(type)
      ? `Check the port in ${ENDPOINT}: that of a web console is another one than that of S3 (MinIO: 9001 and 9000). Or a proxy before it answers in its place: see whether its server is up.`
      : `Check ${ENDPOINT}, and what any proxy before the server does.`,
    'UNAVAILABLE',
  )
}

function speaksTls(): Verdict {
  return fault(
    'The server speaks TLS on that port, and the endpoint begins with http://.',
    `Begin ${ENDPOINT} with https://.`,
    'UNAVAILABLE',
  )
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function ask(url: URL, timeoutMs: number): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, signal: AbortSignal.timeout(timeoutMs * 2) }, answer => {
      const pieces: Buffer[] = []
      let length = 0
      const end = (): void =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) })
      answer.on('data', (piece: Buffer) => {
        pieces.push(piece)
        length += piece.length
        if (length <= MAX_BODY_BYTES) return
        answer.destroy()
        end()
      })
      answer.once('end', end)
      answer.once('error', reject)
    })
    sent.once('error', reject)
    sent.end()
  })
}

async function examineClock({ skewMs }: BucketPatient): Promise<Verdict> {
  if (skewMs === undefined) return good('The server does not tell its time.')
  const off = Math.abs(skewMs)
  if (off < NOTED_SKEW_MS) return good("This machine's clock and the server's agree.")
  const which = `This machine's clock is ${span(off)} ${skewMs > 0 ? 'behind' : 'ahead of'} that of the server`
  const remedy =
    'Set the clock that is wrong: let the machine follow NTP (`timedatectl set-ntp true`). Presigned URLs and expiries go by it.'
  return off < REFUSED_SKEW_MS
    ? notice(`${which}.`, remedy)
    : fault(`${which}; S3 refuses requests that are more than 15 minutes off.`, remedy, 'CLOCK_SKEW')
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}

/** Whether a host is this machine or one of its own network, by its name or address. */
function isPrivate(host: string): boolean {
  if (isIP(host) === 0) return !host.includes('.') || /\.(?:local|internal|lan|localhost)$/.test(host)
  return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i.test(host)
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  // Several addresses were tried: their errors stand within.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
