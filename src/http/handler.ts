import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError, shown } from '../core/errors.js'
import { sendError } from './answer.js'
import { type App, createApp } from './app.js'
import type { HandlerOptions, HttpStorage } from './options.js'
import { requestTarget, splitTarget, UPLOADS } from './target.js'

/**
 * Answers a request. Given `next` (as Express, Connect and Nest do), it answers `/uploads` and what is below, and hands
 * everything else on; without it every path is answered.
 */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

/**
 * Serves a storage over HTTP in an application's own server: `http.createServer(handler)`, or mounted in Express,
 * Fastify or Nest, before whatever reads request bodies. Nothing is opened before the first request.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function createHandler(storage: HttpStorage, options: HandlerOptions = {}): HttpHandler {
  return handlerOf(createApp(storage, options))
}

/** The handler over an application that was made already. */
export function handlerOf(app: App): HttpHandler {
  const { basePath, logger } = app.context.settings
  type Routing = Awaited<ReturnType<App['open']>>
  let routing: Routing | undefined
  let opening: Promise<Routing> | undefined

  const open = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      opening ??= app.open()
      routing = await opening
      routing(request, response)
    } catch (error) {
      sendError(request, response, error, logger)
    }
  }

  return (request, response, next) => {
    const target = requestTarget(request, basePath)
    if (target === undefined || (next !== undefined && !isUploads(target))) {
      if (next !== undefined) return next()
      const message = `There is nothing at ${shown(request.url)}${basePath && `; everything is below ${basePath}`}.`
      return sendError(
        request,
        response,
        new StorageError({ code: 'NOT_FOUND', op: 'http', message }),
        logger,
      )
    }
    request.url = target
    if (routing === undefined) void open(request, response)
    else routing(request, response)
  }
}

function isUploads(target: string): boolean {
  return target.startsWith(UPLOADS) || splitTarget(target).path === UPLOADS.slice(0, -1)
}
