import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { VARIABLES, type Variable } from '../src/config.js'
import { ERROR_CODES, type ErrorCode } from '../src/core/errors.js'
import { POINTS } from '../src/operations/doctor/doctor.js'
import { REMEDIES } from '../src/operations/doctor/remedies.js'

/** The table of variables as the README shows it; `UPDATE_DOCS=1 npm test -- test/docs.test.ts` writes it. */
function variableTable(): string {
  const rows = Object.values(VARIABLES).map((variable: Variable) => {
    const names = [variable.name, ...(variable.aliases ?? [])].map(name => `\`${name}\``).join(' or ')
    const { default: fallback, accepts, description } = variable
    const shown =
      fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)
        ? ''
        : `\`${String(fallback)}\``
    return `| ${names} | ${shown} | ${description} Accepts ${accepts}. |`
  })
  return ['| Variable | Default | |', '|---|---|---|', ...rows].join('\n')
}

/** What each point of `holdfast doctor` finds out; every point has its line. */
const POINT_MEANINGS: Readonly<Record<string, string>> = {
  dns: 'Whether the name of the endpoint, or of the bucket before it, leads to an address.',
  connect: 'Whether each address takes connections on the port.',
  tls: 'Whether the certificate is trusted, for this name, and lasts for some weeks. A notice for http to another network.',
  protocol: 'Whether what answers is an S3 server, and not a console, a proxy, or TLS on a port called http.',
  clock: "Whether this machine's clock and the server's agree.",
  answers: 'Whether a signed request is answered, and in time.',
  region: 'Whether the bucket is in the configured region; if not, in which.',
  credentials: 'Whether the server knows the access key and its secret.',
  bucket: 'Whether the bucket exists.',
  list: '`s3:ListBucket`',
  write: '`s3:PutObject`',
  read: '`s3:GetObject`',
  delete: '`s3:DeleteObject`',
  multipart: '`s3:PutObject` in parts, and `s3:AbortMultipartUpload`',
  tags: '`s3:PutObjectTagging`, `s3:GetObjectTagging`, and whether tags are kept. A notice.',
  bytes:
    'Whether bytes, file names, metadata and parts of files come back as they were sent, odd names included.',
  parts: 'Whether a file of two parts comes back whole.',
  checksums: 'Whether an upload that is damaged on its way is refused. A notice.',
  conditions: 'Which conditional writes the server honours. A notice.',
  'public-access': 'Whether the public is shut out whatever policies say. A notice.',
  versioning: 'Whether the bucket keeps old versions.',
  lifecycle:
    'Whether the rules of `HOLDFAST_LIFECYCLE_RULES` are in force; without, whether a rule ends unfinished uploads (a notice).',
  'presigned-read': 'Whether a presigned URL leads to the file, from here.',
  'presigned-write': 'Whether a presigned URL takes an upload.',
  cors: 'Whether pages of `HOLDFAST_CORS_ORIGINS` may use presigned URLs.',
  'public-url': 'Whether `OBJECT_STORAGE_PUBLIC_URL` shows the bucket.',
  'own-url': 'Whether the server answers under `HOLDFAST_PUBLIC_URL`. A notice.',
  latency: 'How long small operations take, beside the deadline.',
  folder: 'Whether the storage folder is one, and may be written to.',
  filesystem: 'Whether folder and ledger are on a disk that lasts, and the ledger on a local one.',
  space: 'Whether there is room for uploads during an outage, in bytes and in inodes.',
  durable: 'Whether and how fast a file is made durable.',
  ledger: 'Whether the ledger belongs to the folder and can be read, and who has it open.',
  waiting: 'What waits for the object store, is refused by it, or is to be decided.',
  processes: 'Whether other processes of the folder reach the object store.',
  clamd: 'Whether the ClamAV of `CLAMD_ADDRESS` answers, and finds the EICAR test file.',
}

const AREAS: Readonly<Record<string, string>> = {
  endpoint: 'The way there',
  access: 'Permissions',
  behaviour: 'The server',
  clients: 'Clients',
  speed: 'Speed',
  folder: 'The folder',
  spool: 'What waits',
  inspection: 'Inspection',
}

function pointTable(): string {
  const rows = POINTS.map(({ check, area }) => `| ${AREAS[area]} | \`${check}\` | ${POINT_MEANINGS[check]} |`)
  return ['| | Point | |', '|---|---|---|', ...rows].join('\n')
}

function codeTable(): string {
  const rows = (Object.keys(ERROR_CODES) as ErrorCode[]).map(code => {
    const { httpStatus, exitCode, retryable } = ERROR_CODES[code]
    const { cause, remedy } = REMEDIES[code]
    return `| \`${code}\` | ${httpStatus} | ${exitCode} | ${retryable ? 'yes' : 'no'} | ${cause} | ${remedy} |`
  })
  return ['| Code | HTTP | Exit | Again | Cause | Remedy |', '|---|---|---|---|---|---|', ...rows].join('\n')
}

/** Holds a generated part of a document against what the code says now; `UPDATE_DOCS=1` writes it. */
async function checkPart(document: string, name: string, content: string): Promise<void> {
  const path = new URL(`../${document}`, import.meta.url)
  const expected = (await readFile(path, 'utf8')).replace(
    new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`),
    (_, open: string, close: string) => `${open}${content}\n${close}`,
  )
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, expected)
  expect(await readFile(path, 'utf8')).toBe(expected)
}

describe('the README', () => {
  it('has the table of variables that the code has', () =>
    checkPart('README.md', 'variables', variableTable()))
})

describe('the help when something is wrong', () => {
  it('explains every error code', () => checkPart('docs/TROUBLESHOOTING.md', 'codes', codeTable()))

  it('explains every point of the doctor', async () => {
    expect(Object.keys(POINT_MEANINGS)).toEqual(POINTS.map(({ check }) => check))
    await checkPart('docs/TROUBLESHOOTING.md', 'points', pointTable())
  })
})
