export type { FaultPhase, FaultRule, ProxyFault } from '../operations/fault-proxy/faults.js';
export { type FaultProxy, type FaultProxyOptions, startFaultProxy, } from '../operations/fault-proxy/proxy.js';
export type { RequestHead } from '../operations/fault-proxy/upstream.js';
