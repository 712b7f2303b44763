import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { diagnose } from '../src/operations/doctor/doctor.js'
import type { Finding } from '../src/operations/doctor/findings.js'
import { BucketRules } from '../src/operations/lifecycle/bucket-rules.js'
import { readProfile } from '../src/service/endpoint-profile.js'
import { readRules } from '../src/service/lifecycle/rules-file.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { openBucket } from './support/bucket.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { ndjson, useCli } from './support/cli.js'
import { ROOT } from './support/process.js'
import { describeReal } from './support/real-server.js'

// Faults are planted in the endpoint, in something in front of it, or in the disk: the examination itself is never told.

const CERTIFICATES = join(ROOT, 'test', 'support', 'certificates')
const ONLY_ROOT = 'only root can mount a small filesystem'

/** A storage that can be spoilt. */
interface World {
  readonly stub: S3Stub
  /** Its storage folder, which holds a store. */
  readonly folder: string
  settings: Partial<StorageConfig>
  readonly context: TestContext
}

/** One thing that is wrong, and what an examination must say of it. */
interface Planted {
  readonly fault: string
  readonly plant: (world: World) => Promise<void> | void
  /** The points at which it is found; no other may be at fault. */
  readonly found: readonly string[]
  /** What the remedy must name. */
  readonly remedy: RegExp
}

let outer: string
let stub: S3Stub
let folder: string
let mounted: string[] = []

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'))
  folder = join(outer, 'uploads')
  stub = await startS3Stub()
})

afterEach(async () => {
  await stub.close()
  for (const path of mounted) execFileSync('umount', ['-l', path])
  mounted = []
  await rm(outer, { recursive: true, force: true })
})

async function worldOf(context: TestContext): Promise<World> {
  const settings = { ...settingsOf(accessOf(stub)), localStoragePath: folder, spoolReserveBytes: 1024 * 1024 }
  const storage = new StorageService({ config: settings })
  await storage.uploadFile(Buffer.from('there'), 'there')
  await storage.close()
  return { stub, folder, settings, context }
}

async function findingsOf(settings: Partial<StorageConfig>): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const finding of diagnose({ config: completeConfig(settings) })) found.push(finding)
  return found
}

function faultsOf(found: readonly Finding[]): Finding[] {
  return found.filter(({ state }) => state === 'fault')
}

/** Serves until the test ends. @returns its URL */
async function serve(listener: RequestListener, certificate?: string): Promise<string> {
  const pem = certificate === undefined ? undefined : await readFile(join(CERTIFICATES, certificate))
  const server =
    pem === undefined ? createServer(listener) : createTlsServer({ key: pem, cert: pem }, listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return `${pem === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A proxy before the stub, such as people put there. */
function proxy(
  change: {
    request?: (headers: Record<string, unknown>) => void
    answer?: (headers: Record<string, unknown>) => void
  } = {},
): RequestListener {
  return (incoming, outgoing) => {
    const headers = { ...incoming.headers }
    change.request?.(headers)
    const sent = request(
      { host: '127.0.0.1', port: stub.port, method: incoming.method, path: incoming.url, headers },
      answer => {
        const answered = { ...answer.headers }
        change.answer?.(answered)
        outgoing.writeHead(answer.statusCode ?? 502, answered)
        answer.pipe(outgoing)
      },
    )
    sent.on('error', () => outgoing.destroy())
    incoming.pipe(sent)
  }
}

/** The stub refuses these operations, as a policy would. */
function deny(world: World, ...operations: string[]): void {
  const body = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
  world.stub.fault = ({ operation }) =>
    operations.includes(operation)
      ? { status: 403, body, headers: { 'x-amz-request-id': 'denied', 'content-type': 'application/xml' } }
      : undefined
}

/** The storage folder lies on a filesystem of its own, which a test may spoil. */
async function ownDisk(world: World, megabytes: number): Promise<string> {
  const path = join(outer, 'disk')
  await mkdir(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', path], { stdio: 'ignore' })
  } catch {
    world.context.skip(ONLY_ROOT)
  }
  mounted.push(path)
  world.settings = { ...world.settings, localStoragePath: path }
  return path
}

const PLANTED: readonly Planted[] = [
  {
    fault: 'a name that nobody has',
    plant: world => {
      world.settings = { ...world.settings, objectStorageEndpoint: 'http://store.invalid:9000' }
    },
    found: ['dns'],
    remedy: /OBJECT_STORAGE_ENDPOINT/,
  },
  {
    fault: 'a bucket in the host name, where only the server has a name',
    plant: world => {
      const endpoint = `http://localhost:${stub.port}`
      world.settings = {
        ...world.settings,
        objectStorageEndpoint: endpoint,
        objectStorageBucket: 'no-such-host.invalid',
        objectStoragePathStyle: false,
      }
    },
    found: ['dns'],
    remedy: /OBJECT_STORAGE_PATH_STYLE=true/,
  },
  {
    fault: 'a server that does not run',
    plant: world => world.stub.goDown(),
    found: ['connect'],
    remedy: /server runs/,
  },
  {
    fault: 'a certificate that nobody has signed',
    plant: async world => {
      world.settings = { ...world.settings, objectStorageEndpoint: await serve(proxy(), 'valid.pem') }
    },
    found: ['tls'],
    remedy: /NODE_EXTRA_CA_CERTS/,
  },
  {
    fault: 'https, and the endpoint says http',
    plant: async world => {
      const endpoint = (await serve(proxy(), 'valid.pem')).replace('https', 'http')
      world.settings = { ...world.settings, objectStorageEndpoint: endpoint }
    },
    found: ['protocol'],
    remedy: /https:\/\//,
  },
  {
    fault: 'http, and the endpoint says https',
    plant: world => {
      world.settings = { ...world.settings, objectStorageEndpoint: stub.endpoint.replace('http', 'https') }
    },
    found: ['tls'],
    remedy: /http:\/\//,
  },
  {
    fault: 'the port of a web console',
    plant: async world => {
      const endpoint = await serve((_, answer) =>
        answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Console</title>'),
      )
      world.settings = { ...world.settings, objectStorageEndpoint: endpoint }
    },
    found: ['protocol'],
    remedy: /console/,
  },
  {
    fault: 'a clock that is an hour off',
    plant: world => {
      world.stub.clockOffsetMs = 3_600_000
    },
    found: ['clock'],
    remedy: /NTP/,
  },
  {
    fault: 'a server that takes every request and says nothing',
    plant: world => {
      world.settings = { ...world.settings, objectStorageFirstByteTimeoutMs: 300 }
      world.stub.fault = ({ headers }) =>
        headers.authorization === undefined ? undefined : { stall: 'before-headers' }
    },
    found: ['answers'],
    remedy: /load/,
  },
  {
    fault: 'another region',
    plant: world => {
      world.settings = { ...world.settings, objectStorageRegion: 'eu-central-1' }
    },
    found: ['region'],
    remedy: /OBJECT_STORAGE_REGION=us-east-1/,
  },
  {
    fault: 'an access key that the server does not know',
    plant: world => {
      world.settings = { ...world.settings, objectStorageAccessKey: 'nobodys' }
    },
    found: ['credentials'],
    remedy: /OBJECT_STORAGE_ACCESS_KEY/,
  },
  {
    fault: 'a wrong secret',
    plant: world => {
      world.settings = { ...world.settings, objectStorageSecretKey: 'another' }
    },
    found: ['credentials'],
    remedy: /OBJECT_STORAGE_SECRET_KEY/,
  },
  {
    fault: 'no bucket of that name',
    plant: world => {
      world.settings = { ...world.settings, objectStorageBucket: 'elsewhere' }
    },
    found: ['bucket'],
    remedy: /bucket create/,
  },
  {
    fault: 'no permission to list',
    plant: world => deny(world, 'ListObjectsV2'),
    found: ['list'],
    remedy: /s3:ListBucket/,
  },
  {
    fault: 'no permission to upload',
    plant: world => deny(world, 'PutObject'),
    found: ['write'],
    remedy: /s3:PutObject/,
  },
  {
    fault: 'no permission to read',
    plant: world => deny(world, 'GetObject'),
    found: ['read'],
    remedy: /s3:GetObject/,
  },
  {
    fault: 'no permission to delete',
    plant: world => deny(world, 'DeleteObject'),
    found: ['delete'],
    remedy: /s3:DeleteObject/,
  },
  {
    fault: 'no permission to give up uploads in parts',
    plant: world => deny(world, 'AbortMultipartUpload'),
    found: ['multipart'],
    remedy: /s3:AbortMultipartUpload/,
  },
  {
    fault: 'a proxy that drops metadata',
    plant: async world => {
      const endpoint = await serve(
        proxy({
          answer: headers => {
            delete headers['x-amz-meta-odd']
          },
        }),
      )
      world.settings = { ...world.settings, objectStorageEndpoint: endpoint }
    },
    found: ['bytes'],
    remedy: /x-amz-meta/,
  },
  {
    fault: 'a proxy that drops the range that is asked for',
    plant: async world => {
      const endpoint = await serve(
        proxy({
          request: headers => {
            if (headers['range'] !== 'bytes=0-0') delete headers['range']
          },
        }),
      )
      world.settings = { ...world.settings, objectStorageEndpoint: endpoint }
    },
    found: ['bytes'],
    remedy: /./,
  },
  {
    fault: 'lifecycle rules that somebody has replaced',
    plant: async world => {
      const lifecycleRules = join(outer, 'lifecycle.yaml')
      await writeFile(
        lifecycleRules,
        'rules:\n  - id: temp\n    filter: { prefix: temp/ }\n    expire: { afterDays: 7 }\n',
      )
      world.settings = { ...world.settings, lifecycleRules }
      const rules = new BucketRules(completeConfig(world.settings))
      await rules.apply(await rules.plan(await readRules(lifecycleRules)))
      await rules.close()
      expect(faultsOf(await findingsOf(world.settings))).toEqual([])
      const bucket = world.stub.buckets.get('stub')
      if (bucket !== undefined) bucket.lifecycle = undefined
    },
    found: ['lifecycle'],
    remedy: /lifecycle apply/,
  },
  {
    fault: 'a public endpoint that cannot be reached',
    plant: world => {
      world.settings = { ...world.settings, objectStoragePublicEndpoint: 'http://127.0.0.1:1' }
    },
    found: ['presigned-read'],
    remedy: /OBJECT_STORAGE_PUBLIC_ENDPOINT/,
  },
  {
    fault: 'a proxy at the public endpoint that puts another name into Host',
    plant: async world => {
      const endpoint = await serve(
        proxy({
          request: headers => {
            headers['host'] = 'inside.example'
          },
        }),
      )
      world.settings = { ...world.settings, objectStoragePublicEndpoint: endpoint }
    },
    found: ['presigned-read'],
    remedy: /Host header/,
  },
  {
    fault: 'pages that the bucket does not let in',
    plant: world => {
      world.settings = { ...world.settings, corsOrigins: ['https://chat.example'] }
    },
    found: ['cors'],
    remedy: /bucket cors --origin https:\/\/chat\.example/,
  },
  {
    fault: 'a CDN that shows another bucket',
    plant: async world => {
      const url = await serve((_, answer) => answer.writeHead(404).end())
      world.settings = { ...world.settings, objectStoragePublicUrl: url }
    },
    found: ['public-url'],
    remedy: /OBJECT_STORAGE_PUBLIC_URL/,
  },
  {
    fault: 'a file in the place of the storage folder',
    plant: async world => {
      const path = join(outer, 'file')
      await writeFile(path, '')
      world.settings = { ...world.settings, localStoragePath: path }
    },
    found: ['folder'],
    remedy: /LOCAL_STORAGE_PATH/,
  },
  {
    fault: 'a filesystem that is mounted read-only',
    plant: async world => {
      const path = await ownDisk(world, 4)
      execFileSync('mount', ['-o', 'remount,ro', path])
    },
    found: ['folder'],
    remedy: /Mount it for writing/,
  },
  {
    fault: 'a full disk',
    plant: async world => {
      await ownDisk(world, 4)
    },
    found: ['space'],
    remedy: /give the disk more/,
  },
  {
    fault: 'a ledger that is gone',
    plant: world => rm(join(world.folder, '.holdfast', 'ledger'), { recursive: true }),
    found: ['ledger'],
    remedy: /fsck/,
  },
  {
    fault: 'an upload that the object store refuses for good',
    plant: async world => {
      await world.stub.goDown()
      const storage = new StorageService({ config: { ...world.settings, probeIntervalMs: 50 } })
      await storage.uploadFile(Buffer.from('refused'), 'refused')
      world.stub.fault = ({ operation, key }) =>
        operation === 'PutObject' && key === 'refused'
          ? {
              status: 400,
              body: '<Error><Code>InvalidArgument</Code></Error>',
              headers: { 'x-amz-request-id': 'no' },
            }
          : undefined
      await world.stub.comeBack()
      while (storage.getStatus().parked === 0) await new Promise(resolve => setTimeout(resolve, 20))
      await storage.close()
    },
    found: ['waiting'],
    remedy: /spool ls/,
  },
]

describe('an examination', () => {
  it('finds nothing wrong with a bucket, before and after its folder is there, and leaves nothing behind', async context => {
    const settings = { ...settingsOf(accessOf(stub)), localStoragePath: folder }
    expect(faultsOf(await findingsOf(settings))).toEqual([])
    const world = await worldOf(context)
    const found = await findingsOf(world.settings)
    expect(faultsOf(found)).toEqual([])
    expect(found.filter(({ state }) => state === 'skipped')).toEqual([])
    const bucket = stub.buckets.get('stub')
    expect([...(bucket?.objects.keys() ?? [])]).toEqual(['there'])
    expect([...(bucket?.uploads.keys() ?? [])]).toEqual([])
  })

  it('finds nothing wrong with local files', async () => {
    const storage = new StorageService({ config: { localStoragePath: folder } })
    await storage.uploadFile(Buffer.from('there'), 'there')
    await storage.close()
    const found = await findingsOf({ localStoragePath: folder })
    expect(faultsOf(found)).toEqual([])
    expect(found.map(({ check }) => check)).toEqual([
      'folder',
      'filesystem',
      'space',
      'durable',
      'ledger',
      'waiting',
    ])
  })

  it('keeps what it found out of the endpoint for the stores that are opened next', async context => {
    const world = await worldOf(context)
    const config = completeConfig(world.settings)
    expect(await readProfile(config)).toBeUndefined()
    await findingsOf(world.settings)
    const profile = await readProfile(config)
    expect(profile).toMatchObject({
      conditionalPut: 'quoted',
      conditionalComplete: 'quoted',
      etagIsMd5: true,
    })
    expect(await readProfile(config, Date.now() + 25 * 3_600_000)).toBeUndefined()
    expect(await readProfile({ ...config, objectStorageBucket: 'elsewhere' })).toBeUndefined()
    stub.resetCounts()
    const storage = new StorageService({ config: world.settings })
    await storage.uploadFile(Buffer.from('once'), 'created', { ifNoneMatch: '*' })
    await storage.close()
    expect(stub.counts['PutObject']).toBe(1)
  })

  it('says what a server without conditions means, and calls that no fault', async () => {
    await stub.close()
    stub = await startS3Stub({
      conditions: {
        put: 'ignored',
        complete: 'ignored',
        delete: 'ignored',
        copySource: 'ignored',
        copy: 'ignored',
      },
    })
    const found = await findingsOf({ ...settingsOf(accessOf(stub)), localStoragePath: folder })
    expect(faultsOf(found)).toEqual([])
    const [conditions] = found.filter(({ check }) => check === 'conditions')
    expect(conditions?.state).toBe('notice')
    expect(conditions?.says).toContain(
      'uploads in one request, uploads in parts, deletes, the target of copies, the source of copies',
    )
  })

  for (const { fault, plant, found, remedy } of PLANTED) {
    it(`finds ${fault}`, async context => {
      const world = await worldOf(context)
      await plant(world)
      const faults = faultsOf(await findingsOf(world.settings))
      expect(faults.map(({ check }) => check)).toEqual(found)
      expect(faults[0]?.remedy).toMatch(remedy)
    })
  }

  for (const [one, other] of [
    ['a clock that is an hour off', 'a full disk'],
    ['lifecycle rules that somebody has replaced', 'no permission to delete'],
    ['no permission to list', 'a public endpoint that cannot be reached'],
    ['a proxy that drops metadata', 'pages that the bucket does not let in'],
    ['a wrong secret', 'a filesystem that is mounted read-only'],
    ['an upload that the object store refuses for good', 'a CDN that shows another bucket'],
    ['a certificate that nobody has signed', 'a ledger that is gone'],
  ] as const) {
    it(`finds both ${one} and ${other}`, async context => {
      const world = await worldOf(context)
      const [first, second] = [one, other].map(name => PLANTED.find(({ fault }) => fault === name))
      await first?.plant(world)
      await second?.plant(world)
      const faults = faultsOf(await findingsOf(world.settings))
      const found = faults.map(({ check }) => check)
      expect(found.sort()).toEqual([...(first?.found ?? []), ...(second?.found ?? [])].sort())
    })
  }
})

describe('holdfast doctor', () => {
  const cli = useCli()

  async function examined(
    context: TestContext,
    more: Record<string, string>,
    settings: Record<string, string> = {},
  ) {
    await worldOf(context)
    const env = {
      ...environmentOf(accessOf(stub)),
      LOCAL_STORAGE_PATH: folder,
      HOLDFAST_SPOOL_RESERVE_BYTES: '1MiB',
      ...settings,
      ...more,
    }
    const outcome = await cli(['doctor', '--json'], { env })
    const faults = ndjson(outcome.stdout).filter(({ state }) => state === 'fault')
    return { ...outcome, faults: faults.map(({ check }) => check) }
  }

  it('tells a person what is right, what is not, and what to do', async () => {
    const env = { ...environmentOf(accessOf(stub)), LOCAL_STORAGE_PATH: folder }
    const well = await cli(['doctor'], { env })
    expect(well.code).toBe(0)
    expect(well.stdout).toContain('These credentials may upload.')
    const ill = await cli(['doctor'], {
      env: { ...env, OBJECT_STORAGE_SECRET_KEY: 'not-the-secret', HOLDFAST_PROT: '1' },
    })
    expect(ill.code).toBe(6)
    expect(ill.stdout).toMatch(/FAULT\s+credentials/)
    expect(ill.stdout).toMatch(/→ Check OBJECT_STORAGE_SECRET_KEY/)
    expect(ill.stdout).toMatch(/not examined: bucket, list/)
    expect(ill.stderr).toContain('HOLDFAST_PROT is not a variable')
    expect(ill.stdout + ill.stderr).not.toContain('not-the-secret')
  })

  it('trusts an authority that it is told of, and finds certificates that have expired or are for another name', async context => {
    const trusted = { NODE_EXTRA_CA_CERTS: join(CERTIFICATES, 'authority.pem') }
    const through = async (certificate: string) =>
      examined(context, { ...trusted, OBJECT_STORAGE_ENDPOINT: await serve(proxy(), certificate) })
    expect(await through('valid.pem')).toMatchObject({ code: 0, faults: [] })
    const expired = await through('expired.pem')
    expect(expired).toMatchObject({ code: 6, faults: ['tls'] })
    expect(expired.stdout).toContain('has expired')
    const other = await through('other-name.pem')
    expect(other).toMatchObject({ code: 6, faults: ['tls'] })
    expect(other.stdout).toContain('for another name')
  })

  it('finds a ledger on a network filesystem, and a disk that reports errors', async context => {
    const compile = (name: string): string => {
      const library = join(outer, `${name}.so`)
      try {
        execFileSync(
          'gcc',
          ['-shared', '-fPIC', '-o', library, join(ROOT, 'test', 'support', `${name}.c`), '-ldl'],
          { stdio: 'ignore' },
        )
      } catch {
        context.skip('there is no gcc for the library that spoils the disk')
      }
      return library
    }
    expect(await examined(context, { LD_PRELOAD: compile('network-filesystem') })).toMatchObject({
      code: 6,
      faults: ['filesystem'],
    })
    const flag = join(outer, 'flag')
    // What is found out of the endpoint is kept first: a file and its folder.
    await writeFile(flag, 'fsync 2')
    const failing = { LD_PRELOAD: compile('failing-sync'), HOLDFAST_TEST_FAIL_FLAG: flag }
    expect(await examined(context, failing)).toMatchObject({ code: 6, faults: ['durable'] })
  })
})

describeReal('an examination of a real server', server => {
  for (const versioning of ['Suspended', 'Enabled'] as const) {
    it(`finds nothing wrong with it, and leaves nothing behind${versioning === 'Enabled' ? ', in a bucket that keeps versions' : ''}`, async context => {
      const { bucket, client, remove } = await openBucket(server)
      onTestFinished(() => remove())
      if (server.bucket !== undefined) context.skip('the bucket is not ours to set up')
      const Bucket = { Bucket: bucket }
      if (versioning === 'Enabled') {
        const VersioningConfiguration = { Status: versioning }
        await client.send(new PutBucketVersioningCommand({ ...Bucket, VersioningConfiguration }))
      }
      const settings = { ...settingsOf({ ...server, bucket }), localStoragePath: folder }
      expect(faultsOf(await findingsOf(settings))).toEqual([])
      const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand(Bucket))
      expect([...(Versions ?? []), ...(DeleteMarkers ?? [])].map(({ Key }) => Key)).toEqual([])
      const { Uploads } = await client.send(new ListMultipartUploadsCommand(Bucket))
      expect(Uploads ?? []).toEqual([])
    })
  }
})
