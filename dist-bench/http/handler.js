import { StorageError, shown } from '../core/errors.js';
import { sendError } from './answer.js';
import { createApp } from './app.js';
import { requestTarget, splitTarget, UPLOADS } from './target.js';
/**
 * Serves a storage over HTTP in an application's own server: `http.createServer(handler)`, or mounted in Express,
 * Fastify or Nest, before whatever reads request bodies. Nothing is opened before the first request.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function createHandler(storage, options = {}) {
    return handlerOf(createApp(storage, options));
}
/** The handler over an application that was made already. */
export function handlerOf(app) {
    const { basePath, logger } = app.context.settings;
    let routing;
    let opening;
    const open = async (request, response) => {
        try {
            opening ??= app.open();
            routing = await opening;
            routing(request, response);
        }
        catch (error) {
            sendError(request, response, error, logger);
        }
    };
    return (request, response, next) => {
        const target = requestTarget(request, basePath);
        if (target === undefined || (next !== undefined && !isUploads(target))) {
            if (next !== undefined)
                return next();
            const message = `There is nothing at ${shown(request.url)}${basePath && `; everything is below ${basePath}`}.`;
            return sendError(request, response, new StorageError({ code: 'NOT_FOUND', op: 'http', message }), logger);
        }
        request.url = target;
        if (routing === undefined)
            void open(request, response);
        else
            routing(request, response);
    };
}
function isUploads(target) {
    return target.startsWith(UPLOADS) || splitTarget(target).path === UPLOADS.slice(0, -1);
}
//# sourceMappingURL=handler.js.map