import { describe, test } from 'vitest'
import { type Ceph, openCeph } from './ceph.js'
import { describeUnless } from './describe.js'

/** The S3 server that the tests run against, from the environment: HOLDFAST_TEST_S3_ENDPOINT and so on. */
export interface RealServer {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
  /** A bucket that exists, where the tests may not make their own. */
  readonly bucket?: string
}

/**
 * A suite that needs a real S3 server. Where there is none it is skipped by name and reason; under `CI=true` it
 * fails.
 */
export function describeReal(name: string, body: (server: RealServer) => void): void {
  const server = realServer()
  if (server !== undefined) describe(name, () => body(server))
  else unavailable(name, process.env['HOLDFAST_TEST_S3_MISSING'] ?? 'HOLDFAST_TEST_S3_ENDPOINT is not set')
}

/** A suite that needs a real S3 server which it may freeze, kill and suspend: the Ceph cluster of this run. */
export function describeCeph(name: string, body: (server: RealServer, ceph: Ceph) => void): void {
  const server = realServer()
  const ceph = openCeph()
  if (server === undefined) describeReal(name, () => {})
  else if (ceph === undefined) describeUnless('the server given is not ours to stop', name, () => {})
  else describe(name, () => body(server, ceph))
}

/** The server, if there is one. @throws Error naming the variable that is missing beside the endpoint */
export function realServer(): RealServer | undefined {
  const endpoint = variable('ENDPOINT')
  if (endpoint === undefined) return undefined
  const bucket = variable('BUCKET')
  return {
    endpoint,
    accessKey: required('ACCESS_KEY'),
    secretKey: required('SECRET_KEY'),
    region: variable('REGION') ?? 'us-east-1',
    ...(bucket === undefined ? {} : { bucket }),
  }
}

function unavailable(name: string, reason: string): void {
  if (process.env['CI'] !== 'true') describeUnless(reason, name, () => {})
  else {
    test(`${name}: has a real S3 server`, () => {
      throw new Error(`CI=true and no real S3 server: ${reason}`)
    })
  }
}

function variable(name: string): string | undefined {
  return process.env[`HOLDFAST_TEST_S3_${name}`] || undefined
}

function required(name: string): string {
  const value = variable(name)
  if (value === undefined)
    throw new Error(`HOLDFAST_TEST_S3_ENDPOINT is set and HOLDFAST_TEST_S3_${name} is not.`)
  return value
}
