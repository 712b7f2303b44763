import type { Define } from './conformance-runner.js';
import type { StoreScope } from './conformance-scope.js';
export declare function describeDeletes(check: Define<StoreScope>): void;
