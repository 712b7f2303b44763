export { createHandler, type HttpHandler } from './handler.js';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.js';
export type { Action, Authorize, CorsOptions, HandlerOptions, HttpStorage } from './options.js';
export { createServer, type HttpServer, type ServerOptions } from './server.js';
