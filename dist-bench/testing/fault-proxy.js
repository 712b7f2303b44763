export { startFaultProxy, } from '../operations/fault-proxy/proxy.js';
//# sourceMappingURL=fault-proxy.js.map