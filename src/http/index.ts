export { createHandler, type HttpHandler } from './handler.js'
export type { Action, Authorize, CorsOptions, HandlerOptions, HttpStorage } from './options.js'
export { createServer, type HttpServer, type ServerOptions } from './server.js'
