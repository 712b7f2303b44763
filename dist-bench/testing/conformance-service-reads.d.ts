import type { Define } from './conformance-runner.js';
import type { ServiceScope } from './conformance-service.js';
export declare function describeServiceReads(check: Define<ServiceScope>): void;
