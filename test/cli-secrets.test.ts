import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Outcome, useCli } from './support/cli.js'
import { start } from './support/process.js'

const cli = useCli()

const SECRETS = {
  OBJECT_STORAGE_ACCESS_KEY: 'PLANTEDACCESSKEY0001',
  OBJECT_STORAGE_SECRET_KEY: 'planted/secret+key/0002',
  OBJECT_STORAGE_SESSION_TOKEN: 'planted-session-token-0003',
  HOLDFAST_API_KEYS: 'planted-api-key-0004-a,planted-api-key-0004-b',
  HOLDFAST_SIGNING_KEYS: 'planted-signing-key-0005',
  AWS_SECRET_ACCESS_KEY: 'planted/aws/secret/0006',
  AWS_SESSION_TOKEN: 'planted-aws-token-0007',
}

const TEXTS = Object.values(SECRETS).flatMap(text => text.split(','))

function expectNoSecret(what: string, texts: readonly string[]): void {
  for (const secret of TEXTS) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      for (const text of texts)
        expect({ what, secret, text: text.includes(form) ? text : '' }).toEqual({ what, secret, text: '' })
    }
  }
}

/** Every verb, where it works and where it fails. */
const EVERY_VERB: readonly string[][] = [
  ['put', 'file'],
  ['put', 'file', 'absent', 'p/'],
  ['put', 'file', '--storage-class', 'NONE'],
  ['put', '-r', '.', 'tree/'],
  ['ls'],
  ['ls', '-rl'],
  ['ls', '/bad'],
  ['stat', 'file'],
  ['stat', 'absent'],
  ['get', 'file', '-'],
  ['get', 'absent', '-'],
  ['get', 'file', 'no/where'],
  ['get', '-r', 'p', 'out'],
  ['cp', 'file', 'copy'],
  ['mv', 'copy', 'moved'],
  ['mv', 'absent', 'moved'],
  ['rm', 'moved'],
  ['rm', '-r', 'p', '--yes'],
  ['import'],
  ['status'],
  ['config'],
  ['config', '--bucket', 'WRONG'],
  ['serve', '--port', '1', '--host', '203.0.113.1'],
  ['completion', 'bash'],
  ['--help'],
  ['frob'],
  ['ls', `--secret-key=${SECRETS.OBJECT_STORAGE_SECRET_KEY}`],
]

async function runAll(
  env: Readonly<Record<string, string>>,
  flags: readonly string[],
): Promise<Map<string, Outcome>> {
  writeFileSync(join(cli.folder, 'file'), 'content')
  const outcomes = new Map<string, Outcome>()
  for (const verb of EVERY_VERB) {
    const ways = verb.includes('-') ? [verb] : [verb, [...verb, '--json']]
    const ended = await Promise.all(ways.map(way => cli([...way, ...flags], { env })))
    for (const [index, way] of ways.entries()) outcomes.set(way.join(' '), ended[index] as Outcome)
  }
  return outcomes
}

describe('no secret is told', () => {
  test('by any verb over local files', async () => {
    const outcomes = await runAll(SECRETS, [])
    for (const [verb, { stdout, stderr }] of outcomes) expectNoSecret(verb, [stdout, stderr])
    expect(outcomes.get('config')?.stdout).toMatch(/^OBJECT_STORAGE_SECRET_KEY +\*{3} /m)
    expect([...outcomes.values()].filter(({ code }) => code === 0).length).toBeGreaterThan(20)
  })

  test('by any verb over a server that repeats what it was sent', async () => {
    const server = createServer((request, response) => {
      const { headers, url } = request
      request.resume()
      response.writeHead(403, { 'content-type': 'application/xml' })
      const said = `${JSON.stringify(headers)} ${url} ${Object.values(SECRETS).join(' ')}`.replace(
        /[<>&]/g,
        '',
      )
      response.end(`<Error><Code>AccessDenied</Code><Message>${said}</Message></Error>`)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise(resolve => server.once('listening', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // Without the net, so that the server's refusals are what the verbs meet, and none of them waits for it to return.
    const env = { ...SECRETS, OBJECT_STORAGE_FALLBACK: 'false' }
    const outcomes = await runAll(env, ['--provider', 'minio', '--endpoint', endpoint])
    for (const [verb, { stderr }] of outcomes) expectNoSecret(verb, [stderr])
    // What is asked for may be told: nothing that these verbs are asked for is a secret.
    for (const [verb, { stdout }] of outcomes) expectNoSecret(verb, [stdout])
    expect(outcomes.get('stat file')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(PERMISSION_DENIED)'),
    })
  }, 180_000)

  test('by the server and its log', async () => {
    const child = start(process.execPath, [cli.main, 'serve', '--port', '0', '--log-requests'], {
      cwd: cli.folder,
      env: cli.env(SECRETS),
    })
    const [, url] = await child.says(/at +(http:\S+)/)
    const headers = { authorization: 'Bearer planted-api-key-0004-a' }
    await fetch(`${url}/uploads/k`, { method: 'PUT', body: 'x', headers })
    const signed = (await cli(['presign', 'k', '--public-url', url ?? ''], { env: SECRETS })).stdout.trim()
    expect((await fetch(signed)).status).toBe(200)
    expect(
      (await fetch(`${url}/uploads/k`, { headers: { authorization: 'Bearer planted-api-key-wrong' } }))
        .status,
    ).toBe(401)
    const status = await (await fetch(`${url}/status`, { headers })).text()
    const metrics = await (await fetch(`${url}/metrics`, { headers })).text()
    expect(metrics).toContain('holdfast_state')
    child.process.kill('SIGTERM')
    const { stdout, stderr } = await child.ended
    expectNoSecret('serve', [stdout, stderr, status, metrics])
    expect(stderr).not.toContain(new URL(signed).searchParams.get('signature'))
    expect(stderr).not.toContain('planted-api-key-wrong')
  })
})
