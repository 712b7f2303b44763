// A migration of local files to a real S3 server, beside `rclone copy` and `aws s3 sync` (Debian: rclone, awscli):
// seconds, CPU seconds and peak memory of each, in turn. The server is that of HOLDFAST_TEST_S3_ENDPOINT,
// HOLDFAST_TEST_S3_ACCESS_KEY and HOLDFAST_TEST_S3_SECRET_KEY; with --delay it is so many milliseconds of a round trip away.
// A contestant that is not installed is said to be missing.
// node bench/migrate.mjs [--json] [--files 20000] [--bytes 20000] [--large 2] [--large-bytes 268435456] [--rounds 3]
//   [--delay 50] [--only holdfast,rclone,aws] [--concurrency 16]
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { startFarLink } from './far-link.mjs'
import { fileOf, load, median, printTable } from './harness.mjs'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    files: { type: 'string', default: '20000' },
    bytes: { type: 'string', default: '20000' },
    large: { type: 'string', default: '2' },
    'large-bytes': { type: 'string', default: String(256 * 1024 * 1024) },
    rounds: { type: 'string', default: '3' },
    delay: { type: 'string' },
    concurrency: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: 'holdfast,rclone,aws' },
  },
})
const {
  HOLDFAST_TEST_S3_ENDPOINT: server,
  HOLDFAST_TEST_S3_ACCESS_KEY: accessKeyId = '',
  HOLDFAST_TEST_S3_SECRET_KEY: secretAccessKey = '',
} = process.env
if (!server) {
  console.error('Not measured: HOLDFAST_TEST_S3_ENDPOINT names no S3 server.')
  process.exit(0)
}

const link = values.delay === undefined ? undefined : await startFarLink(server, Number(values.delay))
const endpoint = link?.endpoint ?? server
const region = 'us-east-1'
const client = new S3Client({
  endpoint: server,
  region,
  forcePathStyle: true,
  credentials: { accessKeyId, secretAccessKey },
})
const { S3Store } = await load('stores/s3/index.js')
const folder = await mkdtemp(join(values.dir, 'holdfast-bench-migrate-'))
const source = join(folder, 'source')
/** Whose settings of their own do not count, and whose processes find only what is given here. */
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_DEFAULT_REGION: region,
}

const contestants = [
  {
    name: 'holdfast migrate',
    is: 'holdfast',
    command: bucket => [
      process.execPath,
      [
        fileOf('cli/main.js'),
        'migrate',
        '--from',
        source,
        '--to',
        `s3://${bucket}?endpoint=${endpoint}`,
        '-q',
        ...(values.concurrency === undefined ? [] : ['--concurrency', values.concurrency]),
      ],
    ],
    env: { OBJECT_STORAGE_ACCESS_KEY: accessKeyId, OBJECT_STORAGE_SECRET_KEY: secretAccessKey },
  },
  // As it is, and with as many files at once as ours.
  ...[[], ['--transfers', '16', '--checkers', '16']].map(more => ({
    name: ['rclone copy', ...more.slice(0, 2)].join(' '),
    is: 'rclone',
    command: bucket => [
      'rclone',
      [
        ...['copy', source, `:s3:${bucket}`, '--s3-provider', 'Ceph', '--s3-endpoint', endpoint],
        ...['--s3-env-auth', '--s3-region', region, '--s3-no-check-bucket', ...more],
      ],
    ],
  })),
  {
    name: 'aws s3 sync',
    is: 'aws',
    command: bucket => [
      '/usr/bin/aws',
      ['--endpoint-url', endpoint, 's3', 'sync', source, `s3://${bucket}`, '--quiet'],
    ],
  },
].filter(({ is }) => values.only.split(',').includes(is))

try {
  await makeFiles()
  const results = []
  for (const contestant of contestants) {
    const [program] = contestant.command('x')
    if (spawnSync(program, ['--version'], { env }).status !== 0) {
      console.error(`Not measured: ${contestant.name}, since ${program} is not installed.`)
      continue
    }
    results.push({ ...contestant, runs: [] })
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contestant of results) contestant.runs.push(await run(contestant))
  }
  const of = (runs, what) => median(runs.map(run => run[what]))
  const rows = results.map(({ name, runs }) => ({
    name,
    seconds: of(runs, 'seconds'),
    cpuSeconds: of(runs, 'cpuSeconds'),
    peakMegabytes: of(runs, 'peakMegabytes'),
  }))
  if (values.json) console.log(JSON.stringify(rows))
  else {
    printTable(
      `${values.files} files of up to ${values.bytes} bytes and ${values.large} of ${values['large-bytes']}, to ${endpoint}`,
      ['', 'seconds', 'CPU seconds', 'peak MB'],
      rows.map(row => [
        row.name,
        row.seconds.toFixed(1),
        row.cpuSeconds.toFixed(1),
        Math.round(row.peakMegabytes),
      ]),
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
  client.destroy()
  link?.stop()
}

async function makeFiles() {
  const block = randomBytes(4 * 1024 * 1024)
  for (let n = 0; n < Number(values.files); n++) {
    const room = join(source, `room${n % 200}`)
    if (n < 200) await mkdir(room, { recursive: true })
    const size = 1 + ((n * 7919) % (2 * Number(values.bytes)))
    const at = (n * 104_729) % (block.length - size)
    await writeFile(join(room, `${n}.bin`), block.subarray(at, at + size))
  }
  await mkdir(source, { recursive: true })
  for (let n = 0; n < Number(values.large); n++) {
    const file = await open(join(source, `large-${n}.bin`), 'w')
    for (let left = Number(values['large-bytes']); left > 0; left -= block.length) {
      await file.write(block, 0, Math.min(block.length, left))
    }
    await file.close()
  }
}

/** One run into a bucket of its own. */
async function run({ command, env: more = {} }) {
  const bucket = `bench-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  try {
    const [program, args] = command(bucket)
    const state = join(folder, 'state')
    await rm(state, { recursive: true, force: true })
    const started = performance.now()
    const child = spawn(program, args, { env: { ...env, ...more, XDG_STATE_HOME: state }, stdio: 'inherit' })
    const ended = once(child, 'exit')
    const usage = { peakMegabytes: 0, cpuSeconds: 0 }
    const watch = setInterval(() => look(child.pid, usage), 50)
    const [code] = await ended
    clearInterval(watch)
    const seconds = (performance.now() - started) / 1000
    if (code !== 0) throw new Error(`${program} ended with ${code}`)
    console.error(`${program}: ${seconds.toFixed(1)} s, ${usage.cpuSeconds.toFixed(1)} s of CPU`)
    return { seconds, ...usage }
  } finally {
    await empty(bucket)
    await client.send(new DeleteBucketCommand({ Bucket: bucket }))
  }
}

/** What the process has taken so far (proc(5)): its peak memory, and its time on CPUs in ticks of 10 ms. */
function look(pid, usage) {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    usage.peakMegabytes = Math.max(usage.peakMegabytes, Number(peak ?? 0) / 1024)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    usage.cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    // It has ended.
  }
}

async function empty(bucket) {
  const store = new S3Store({
    endpoint: server,
    region,
    bucket,
    credentials: { accessKeyId, secretAccessKey },
  })
  for (;;) {
    const { objects } = await store.list()
    if (objects.length === 0) break
    await store.deleteMany(objects.map(({ key }) => key))
  }
  await store.close()
}
