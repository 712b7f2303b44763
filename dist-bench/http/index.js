export { createHandler } from './handler.js';
export { createMetrics } from './metrics.js';
export { createServer } from './server.js';
//# sourceMappingURL=index.js.map