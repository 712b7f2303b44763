import type { Registry } from 'prom-client'
import { METRICS, type Readings } from './metric-table.js'
import type { HttpStorage } from './options.js'
import type { Traffic } from './traffic.js'

/** Metrics in the text format of Prometheus. */
export interface Metrics {
  /** The media type of {@link text}. */
  readonly contentType: string
  /** All of them, as they are now. Asks the storage's memory, and nothing else. */
  text(): Promise<string>
}

export interface MetricsOptions {
  /** Whether those of the process (CPU, memory, event loop) are among them; false unless given. */
  readonly process?: boolean | undefined
}

/**
 * The metrics of a storage, for an application that serves them itself: at a path of its own, or behind the text of
 * its own registry, with which no name collides. A server of ours serves them at `/metrics` already.
 */
export function createMetrics(storage: HttpStorage, options: MetricsOptions = {}): Metrics {
  return metricsOf(storage, undefined, options.process === true)
}

/** @param traffic what a server of ours has counted */
export function metricsOf(storage: HttpStorage, traffic: Traffic | undefined, withProcess: boolean): Metrics {
  const read = (): Readings => ({
    status: storage.getStatus?.(),
    activity: storage.getActivity?.(),
    traffic,
    now: Date.now(),
  })
  let registry: Promise<Registry> | undefined
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text: async () => {
      registry ??= openRegistry(read, withProcess)
      return (await registry).metrics()
    },
  }
}

/** A registry of our own: the global one is the application's. */
async function openRegistry(read: () => Readings, withProcess: boolean): Promise<Registry> {
  // Loaded here and not above: who is never asked for metrics needs none of it.
  const { Gauge, Registry, collectDefaultMetrics } = await import('prom-client')
  const registry = new Registry()
  // One look at the storage serves all metrics of a text: they are read within one turn.
  let readings: Readings | undefined
  const seen = (): Readings => {
    if (readings === undefined) {
      readings = read()
      queueMicrotask(() => {
        readings = undefined
      })
    }
    return readings
  }
  for (const { name, type, help, labels, read: samples } of METRICS) {
    // Read off when asked for, whatever the type: nothing is counted twice.
    class Reading extends Gauge {
      override async get(): ReturnType<InstanceType<typeof Gauge>['get']> {
        const values = samples(seen()).map(({ value, labels: own = {}, suffix }) =>
          suffix === undefined ? { value, labels: own } : { value, labels: own, metricName: name + suffix },
        )
        return Object.assign(await super.get(), { type: type as never, values })
      }
    }
    new Reading({ name, help, labelNames: labels, registers: [registry] })
  }
  if (withProcess) collectDefaultMetrics({ register: registry })
  return registry
}
