import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { StorageError, shown } from '../core/errors.js'
import { parsePrefix } from '../core/key.js'
import { Access } from './access.js'
import { ignoreErrors, loggedPath, sendError, sendJson, sendText } from './answer.js'
import { watchTaking } from './body-pump.js'
import type { Context } from './context.js'
import { allowOrigin, answerOptions } from './cors.js'
import { answerHomePage } from './home-page.js'
import { listFiles } from './list-files.js'
import { metricsOf } from './metrics.js'
import { type HandlerOptions, type HttpStorage, readOptions } from './options.js'
import { Readiness } from './readiness.js'
import { allowOf, keyOfRequest, resourceOf } from './resources.js'
import { keyOfPath, prefixOfPath, splitTarget, UPLOADS } from './target.js'
import { Traffic } from './traffic.js'
import { Verdicts } from './verdicts.js'

/** @param countUnder says what the request is counted under, in place of the template of the route */
type Handle = (
  request: IncomingMessage,
  response: ServerResponse,
  countUnder: (template: string) => void,
) => void | Promise<void>

const READ_METHODS = 'GET, HEAD, OPTIONS'

/** What the routes come to. */
export interface App {
  readonly context: Context
  /** Puts the routes together; resolves with what answers a request whose `url` is its path and query. */
  open(): Promise<(request: IncomingMessage, response: ServerResponse) => void>
}

/**
 * The routes over a storage. Fastify finds the route; the answers are written to node:http's own response, since what
 * matters here (keys undecoded, bodies unread, broken transfers broken off) lies below what a framework hides.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function createApp(storage: HttpStorage, options: HandlerOptions): App {
  const settings = readOptions(options)
  const { logger, cors } = settings
  const access = new Access(storage, settings)
  const readiness = new Readiness(storage)
  const traffic = new Traffic()
  const context: Context = { storage, settings, access, readiness, traffic, verdicts: new Verdicts(storage) }
  const metrics = metricsOf(storage, traffic, true)

  /** A route of Fastify's that is answered by hand, and counted under a template. */
  const route =
    (known: string, handle: Handle) => async (fastifyRequest: FastifyRequest, reply: FastifyReply) => {
      const request = fastifyRequest.raw
      const response = reply.raw
      reply.hijack()
      ignoreErrors(request)
      ignoreErrors(response)
      watchTaking(response, settings.idleTimeoutMs)
      let template = known
      response.once('close', () => traffic.answered(template, request, response))
      if (options.logger !== undefined) logAnswer(context, request, response)
      try {
        access.guard(request)
        if (cors !== undefined) allowOrigin(request, response, cors)
        await handle(request, response, found => {
          template = found
        })
      } catch (error) {
        sendError(request, response, error, logger)
      }
    }

  const file = route('/uploads/{key}', async (request, response, countUnder) => {
    const target = request.url ?? ''
    const { path, query } = splitTarget(target)
    // The router decodes before it matches, and `/%75ploads/` is no other name for `/uploads/`.
    if (!path.startsWith(UPLOADS)) throw nothingAt(path)
    const resource = resourceOf(path, query)
    countUnder(resource.template)
    const key = keyOfRequest(request, path)
    const operation = resource.operations[request.method ?? '']
    if (operation === undefined) return refuseMethod(request, response, allowOf(resource))
    const signed = await access.check(request, operation.action, key, target)
    await operation.handle(context, request, response, key, signed)
  })

  const refuseMethod = (request: IncomingMessage, response: ServerResponse, allow: string): void => {
    const message = `${request.method} is not supported here; accepted: ${allow}.`
    const error = new StorageError({ code: 'UNSUPPORTED', op: 'http', message })
    sendError(request, response, error, logger, { status: 405, headers: { allow } })
  }

  const elsewhere = route('other', (request, response) => {
    const { path, query } = splitTarget(request.url ?? '')
    const allow = path.startsWith(UPLOADS)
      ? methodsBelow(path, query)
      : READ_PATHS.has(path)
        ? READ_METHODS
        : undefined
    if (allow === undefined) throw nothingAt(path)
    if (request.method === 'OPTIONS') return answerOptions(request, response, allow, cors)
    refuseMethod(request, response, allow)
  })

  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // There are no plugins to wait for, and a deadline would be a timer.
    pluginTimeout: 0,
    // A path that is no percent-encoded UTF-8.
    frameworkErrors: (_error, request, reply) => void elsewhere(request, reply),
  })
  // Bodies are left unread: a PUT's is streamed to the store, and no other has a meaning.
  app.removeAllContentTypeParsers()
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.setNotFoundHandler(elsewhere)
  app.setErrorHandler((error, request, reply) => {
    reply.hijack()
    sendError(request.raw, reply.raw, error, logger)
  })

  const reads = ['GET', 'HEAD']
  app.route({ method: [...reads, 'PUT', 'POST', 'DELETE'], url: '/uploads/*', handler: file })
  const routes: Record<string, Handle> = {
    '/uploads': async (request, response) => {
      const target = request.url ?? ''
      const query = new URLSearchParams(splitTarget(target).query)
      const prefix = parsePrefix(query.get('prefix') ?? '')
      await access.check(request, 'list', prefix, target)
      await listFiles(context, request, response, prefix, query)
    },
    '/healthz': (request, response) => sendJson(request, response, 200, { status: 'alive' }),
    '/readyz': async (request, response) => {
      const error = await readiness.ask()
      if (error === undefined) return sendJson(request, response, 200, { status: 'ready' })
      sendError(request, response, error, logger, { status: 503 })
    },
    '/status': async (request, response) => {
      await access.check(request, 'status', '', request.url ?? '')
      if (storage.getStatus === undefined) throw nothingAt('/status')
      sendJson(request, response, 200, storage.getStatus())
    },
    '/metrics': async (request, response) => {
      await access.check(request, 'status', '', request.url ?? '')
      sendText(request, response, 200, await metrics.text(), { 'content-type': metrics.contentType })
    },
    '/': (request, response) => answerHomePage(context, request, response),
  }
  for (const [url, handle] of Object.entries(routes)) {
    app.route({ method: reads, url, handler: route(url, handle) })
  }

  return {
    context,
    async open() {
      await app.ready()
      return app.routing
    },
  }
}

/** What the resource takes that a path leads to. @throws StorageError where it leads to none */
function methodsBelow(path: string, query: string): string {
  const resource = resourceOf(path, query)
  if (path.endsWith('/')) prefixOfPath(path)
  else keyOfPath(path)
  return allowOf(resource)
}

const READ_PATHS = new Set(['/', '/uploads', '/healthz', '/readyz', '/status', '/metrics'])

function nothingAt(path: string): StorageError {
  const message = `There is nothing at ${shown(path)}; files are under ${UPLOADS}.`
  return new StorageError({ code: 'NOT_FOUND', op: 'http', message })
}

function logAnswer({ settings }: Context, request: IncomingMessage, response: ServerResponse): void {
  const from = performance.now()
  response.once('close', () => {
    const fields = {
      method: request.method,
      path: loggedPath(request),
      status: response.statusCode,
      ms: Math.round(performance.now() - from),
    }
    settings.logger.debug(fields, response.writableFinished ? 'Answered' : 'Broken off')
  })
}
