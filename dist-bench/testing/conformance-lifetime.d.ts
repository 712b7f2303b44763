import type { OpenedStore } from './conformance.js';
import type { Define } from './conformance-runner.js';
import type { StoreScope } from './conformance-scope.js';
export declare function describeLifetime(check: Define<StoreScope>, open: () => Promise<OpenedStore>): void;
