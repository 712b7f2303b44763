import { METRICS } from './metric-table.js';
/**
 * The metrics of a storage, for an application that serves them itself: at a path of its own, or behind the text of
 * its own registry, with which no name collides. A server of ours serves them at `/metrics` already.
 */
export function createMetrics(storage, options = {}) {
    return metricsOf(storage, undefined, options.process === true);
}
/** @param traffic what a server of ours has counted */
export function metricsOf(storage, traffic, withProcess) {
    const read = () => ({
        status: storage.getStatus?.(),
        activity: storage.getActivity?.(),
        traffic,
        now: Date.now(),
    });
    let registry;
    return {
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        text: async () => {
            registry ??= openRegistry(read, withProcess);
            return (await registry).metrics();
        },
    };
}
/** A registry of our own: the global one is the application's. */
async function openRegistry(read, withProcess) {
    // Loaded here and not above: who is never asked for metrics needs none of it.
    const { Gauge, Registry, collectDefaultMetrics } = await import('prom-client');
    const registry = new Registry();
    // One look at the storage serves all metrics of a text: they are read within one turn.
    let readings;
    const seen = () => {
        if (readings === undefined) {
            readings = read();
            queueMicrotask(() => {
                readings = undefined;
            });
        }
        return readings;
    };
    for (const { name, type, help, labels, read: samples } of METRICS) {
        // Read off when asked for, whatever the type: nothing is counted twice.
        class Reading extends Gauge {
            async get() {
                const values = samples(seen()).map(({ value, labels: own = {}, suffix }) => suffix === undefined ? { value, labels: own } : { value, labels: own, metricName: name + suffix });
                return Object.assign(await super.get(), { type: type, values });
            }
        }
        new Reading({ name, help, labelNames: labels, registers: [registry] });
    }
    if (withProcess)
        collectDefaultMetrics({ register: registry });
    return registry;
}
//# sourceMappingURL=metrics.js.map