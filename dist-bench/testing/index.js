export { storeConformance } from './conformance.js';
export { serviceConformance, } from './conformance-service.js';
export { startFaultProxy, } from './fault-proxy.js';
export { startS3Stub } from './s3-stub.js';
//# sourceMappingURL=index.js.map