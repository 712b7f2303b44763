import { afterAll, describe, it } from 'vitest'
import { type ConformanceOptions, serviceConformance, storeConformance } from '../../src/testing/index.js'
import type { Place } from './stores.js'

/** What a suite may be told beside what the test runner gives it. */
export type Options = Omit<ConformanceOptions, 'describe' | 'it' | 'afterAll' | 'name'>

const randomKeys = process.env['HOLDFAST_TEST_LONG'] === '1' ? 10_000 : 2000

/** Runs both suites over a place: over its store, and over the service on it. */
export function conformance(name: string, place: Place, options: Options = {}): void {
  storeConformance({
    ...{ describe, it, afterAll, randomKeys, ...options },
    name: `${name}: the store`,
    open: () => place.openStore(),
  })
  conformanceOfService(name, place, options)
}

/** Runs the suite of the service. */
export function conformanceOfService(
  name: string,
  place: Pick<Place, 'openService'>,
  options: Options = {},
): void {
  serviceConformance({
    ...{ describe, it, afterAll, randomKeys, ...options },
    name: `${name}: the service`,
    open: () => place.openService(),
  })
}
