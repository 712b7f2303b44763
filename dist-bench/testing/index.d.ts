export { type OpenedStore, type StoreConformanceOptions, storeConformance } from './conformance.js';
export type { ConformanceOptions, Skippable, TestRunner } from './conformance-runner.js';
export { type OpenedStorage, type ServiceConformanceOptions, serviceConformance, } from './conformance-service.js';
export { type FaultPhase, type FaultProxy, type FaultProxyOptions, type FaultRule, type ProxyFault, type RequestHead, startFaultProxy, } from './fault-proxy.js';
export { type Fault, type S3Stub, type S3StubOptions, type StubRequest, startS3Stub } from './s3-stub.js';
