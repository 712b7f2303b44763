import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { BucketRules } from '../src/operations/lifecycle/bucket-rules.js'
import type { LifecycleRule } from '../src/service/lifecycle/rules.js'
import { parseRules, readRules } from '../src/service/lifecycle/rules-file.js'
import type { Fault, S3Stub, S3StubOptions } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { useStub } from './support/failover-service.js'

let stub: S3Stub
let rules: BucketRules
/** Every set of rules that the server was ever given. */
let given: string[]

beforeEach(() => start())

async function start(options: S3StubOptions = {}, config: Partial<StorageConfig> = {}): Promise<void> {
  const keep = options.keepLifecycle ?? String
  given = []
  stub = await useStub({
    ...options,
    keepLifecycle: xml => {
      given.push(xml)
      return keep(xml)
    },
  })
  rules = new BucketRules(completeConfig({ ...settingsOf(accessOf(stub)), ...config }))
  onTestFinished(() => rules.close())
}

const fail = (fault: Fault): void => {
  stub.fault = () => fault
}
const parse = (text: string): Promise<LifecycleRule[]> => parseRules(text, 'rules.yaml')
const apply = async (wanted: readonly LifecycleRule[]): Promise<void> => rules.apply(await rules.plan(wanted))
const held = (): string => stub.buckets.get('stub')?.lifecycle ?? ''
const hold = (...all: string[]): void => {
  const bucket = stub.buckets.get('stub')
  if (bucket !== undefined) bucket.lifecycle = document(...all)
}
const document = (...all: string[]): string =>
  `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${all.join('')}</LifecycleConfiguration>`

const ours =
  '<Rule><ID>holdfast-old</ID><Filter><Prefix>old/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>'
/** As somebody else has made it, with what no library of ours knows. */
const theirs =
  '<Rule><ID>backup team: keep</ID><Prefix>backups/ä &amp; ö/</Prefix><Status>Enabled</Status><Expiration><Days>365</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration><DelMarkerExpiration><Days>3</Days></DelMarkerExpiration></Rule>'

const SMALL = `rules:\n  - { id: big, filter: { prefix: x/, largerThan: 1 MiB }, expire: { afterDays: 7 } }`
const PLAIN = `rules:\n  - { id: plain, filter: { prefix: x/ }, expire: { afterDays: 7 } }`

describe('applying rules', () => {
  test("gives the specification's two rules, and leaves those of others as they are", async () => {
    hold(theirs)
    const example = await readRules('examples/lifecycle.yaml')
    const plan = await rules.plan(example)
    expect(plan.changes).toEqual(example.map(to => ({ change: 'add', id: to.id, to })))
    expect(held()).toBe(document(theirs))
    await rules.apply(plan)
    // The specification's own call names the ID "Id", which S3 refuses, and would leave nothing of theirs.
    expect(held()).toBe(
      document(
        theirs.replace('ä &amp; ö', 'ä &#38; ö'),
        '<Rule><ID>holdfast-DeleteOldFiles</ID><Filter><Prefix>uploads/temp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>',
        '<Rule><ID>holdfast-TransitionToIA</ID><Filter><Prefix>uploads/archive/</Prefix></Filter><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>',
      ),
    )
    expect(await rules.read()).toEqual([
      expect.objectContaining({
        id: 'backup team: keep',
        owner: 'other',
        unknown: ['ExpiredObjectAllVersions', 'DelMarkerExpiration'],
      }),
      ...example.map(rule => ({ id: rule.id, owner: 'holdfast', rule, unknown: [] })),
    ])
  })

  test('changes nothing where nothing is to be changed', async () => {
    const example = await readRules('examples/lifecycle.yaml')
    await apply(example)
    given.length = 0
    const plan = await rules.plan([...example].reverse())
    expect(plan).toMatchObject({ changes: [], unchanged: 2, others: 0 })
    await rules.apply(plan)
    expect(given).toEqual([])
  })

  test('changes what is another by now, and removes what the file has no more, of ours alone', async () => {
    hold(theirs, ours, ours.replace('holdfast-old', 'holdfast-plain'))
    const plan = await rules.plan(await parse(PLAIN))
    expect(plan.changes.map(({ change, id }) => `${change} ${id}`)).toEqual(['remove old', 'change plain'])
    await rules.apply(plan)
    expect((await rules.read()).map(({ id }) => id)).toEqual(['backup team: keep', 'plain'])
    await apply([])
    expect((await rules.read()).map(({ id }) => id)).toEqual(['backup team: keep'])
  })

  test('removes all rules where none is left', async () => {
    hold(ours)
    await apply([])
    expect(stub.buckets.get('stub')?.lifecycle).toBeUndefined()
    expect(await rules.read()).toEqual([])
  })

  test('does nothing where somebody else has changed the rules meanwhile', async () => {
    const plan = await rules.plan(await parse(PLAIN))
    hold(theirs)
    await expect(rules.apply(plan)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    expect(held()).toBe(document(theirs))
  })
})

describe('a server that keeps something else than it was given', () => {
  /** As Ceph 16 does. */
  const dropSizes = (xml: string): string => xml.replace(/<ObjectSize(\w+)>\d+<\/ObjectSize\1>/g, '')

  test('never has a rule in force that is for more than was asked', async () => {
    await start({ keepLifecycle: dropSizes })
    hold(theirs, ours)
    const plan = await rules.plan(await parse(SMALL))
    await expect(rules.apply(plan)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(
        'big: asked for "x/, larger than 1 MiB: expire after 7 days"; it has "x/: expire after 7 days"',
      ),
    })
    expect((await rules.plan([])).changes.map(({ id }) => id)).toEqual(['old'])
    for (const xml of given) expect(xml).not.toMatch(/holdfast-big.*?<Status>Enabled/)
    expect(given.length).toBe(2)
  })

  test('a rule that no server could widen is not tried first', async () => {
    await start({ keepLifecycle: dropSizes })
    await apply(await parse(PLAIN))
    expect(given.length).toBe(1)
  })

  test('a rule with a filter comes in force, where the server keeps that', async () => {
    await apply(await parse(SMALL))
    expect(given.map(xml => /<Status>(\w+)/.exec(xml)?.[1])).toEqual(['Disabled', 'Enabled'])
    expect(await rules.read()).toEqual([
      expect.objectContaining({ id: 'big', rule: (await parse(SMALL))[0] }),
    ])
  })

  test('gets its rules from before again where it fails half way', async () => {
    hold(theirs, ours)
    let puts = 0
    stub.fault = ({ operation }) =>
      operation === 'PutBucketLifecycleConfiguration' && ++puts === 2
        ? {
            status: 403,
            headers: { 'x-amz-request-id': '1' },
            body: '<Error><Code>AccessDenied</Code></Error>',
          }
        : undefined
    await expect(apply(await parse(SMALL))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect((await rules.read()).map(({ id }) => id)).toEqual(['backup team: keep', 'old'])
  })

  test('gets them again also where somebody interrupts', async () => {
    hold(theirs, ours)
    const plan = await rules.plan(await parse(SMALL))
    const interrupt = new AbortController()
    stub.fault = ({ operation }) => {
      if (operation === 'PutBucketLifecycleConfiguration') interrupt.abort()
      return undefined
    }
    await expect(rules.apply(plan, interrupt.signal)).rejects.toMatchObject({ code: 'ABORTED' })
    expect((await rules.read()).map(({ id }) => id)).toEqual(['backup team: keep', 'old'])
  })

  test('says so where it cannot be given them again', async () => {
    let puts = 0
    stub.fault = ({ operation }) => {
      if (operation === 'PutBucketLifecycleConfiguration') puts++
      return puts >= 2
        ? {
            status: 403,
            headers: { 'x-amz-request-id': '1' },
            body: '<Error><Code>AccessDenied</Code></Error>',
          }
        : undefined
    }
    await expect(apply(await parse(SMALL))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('"holdfast lifecycle diff" tells how it stands'),
    })
  })

  test('from which size on it moves files to another class is given back to it', async () => {
    const minimum = 'x-amz-transition-default-minimum-object-size'
    const sent: unknown[] = []
    stub.fault = ({ operation, headers }) => {
      if (operation === 'PutBucketLifecycleConfiguration') sent.push(headers[minimum])
      if (operation !== 'GetBucketLifecycleConfiguration') return undefined
      const answer = { 'x-amz-request-id': '1', [minimum]: 'varies_by_storage_class' }
      return { status: 200, headers: answer, body: held() || document(theirs) }
    }
    await apply(await parse(PLAIN))
    expect(sent).toEqual(['varies_by_storage_class'])
    expect(await rules.inForce(undefined)).toMatchObject({ transitionMinimum: 'varies_by_storage_class' })
  })

  test('bends the filters of others: they are given back so that they mean what they meant', async () => {
    const tags = '<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag>'
    const bent = `<Rule><ID>x</ID><Filter><Prefix>a/</Prefix><And>${tags}</And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>`
    // Ceph 16 answers so, and passes over the prefix of what it is given so.
    await start({ keepLifecycle: xml => xml.replace(/<And>(<Prefix>.*?<\/Prefix>)/, '$1<And>') })
    hold(bent)
    await apply(await parse(PLAIN))
    expect(given.at(-1)).toContain(`<Filter><And><Prefix>a/</Prefix>${tags}</And></Filter>`)
    expect(held()).toContain(bent)
  })
})

describe('a server that is away', () => {
  const deadlines = { objectStorageConnectTimeoutMs: 300, objectStorageFirstByteTimeoutMs: 300 }

  test.each<[string, () => void | Promise<void>, string]>([
    ['down', () => stub.goDown(), 'UNAVAILABLE'],
    ['silent', () => fail({ stall: 'request' }), 'TIMEOUT'],
    ['somebody else', () => fail({ status: 404, body: '<html>Not here</html>' }), 'UNAVAILABLE'],
  ])('is told of as that: %s', async (_, leave, code) => {
    await start({}, deadlines)
    const wanted = await parse(PLAIN)
    const plan = await rules.plan(wanted)
    await leave()
    for (const call of [() => rules.read(), () => rules.plan(wanted), () => rules.apply(plan)])
      await expect(call()).rejects.toMatchObject({ code })
    expect(held()).toBe('')
  })
})

test('local storage has no rules of its own to show or change', () => {
  expect(() => new BucketRules(completeConfig({}))).toThrow(/no rules of its own/)
})
