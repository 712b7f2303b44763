export { BucketAdmin } from './admin.js';
export { outcomeOf, S3Failure } from './errors.js';
export { S3Store } from './store.js';
//# sourceMappingURL=index.js.map