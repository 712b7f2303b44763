import type { Define } from './conformance-runner.js';
import type { ServiceScope } from './conformance-service.js';
export declare function describeServiceUrls(check: Define<ServiceScope>): void;
