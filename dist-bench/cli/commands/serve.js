import { resolve } from 'node:path';
import { activeProvider } from '../../config.js';
import { StorageError } from '../../core/errors.js';
import { EXIT } from '../failure.js';
import { createLog } from '../log.js';
import { BrokenPipe } from '../output.js';
/** What an interrupted server gives requests to end, and then the storage: well within the five seconds after which it is ended. */
const DRAIN_REQUESTS_MS = 3_500;
const DRAIN_STORAGE_MS = 500;
/** How long the start waits for an object store; the server starts without it, and answers 503 until it is there. */
const PROBE_MS = 5_000;
/** Serves the storage over HTTP until interrupted; then lets requests under way end. */
export async function serve(context, options) {
    const { output, signal } = context;
    const config = context.config();
    const { createServer } = await import('../../http/index.js');
    const level = options.logRequests ? 'debug' : output.quiet ? 'warn' : 'info';
    const logger = createLog(output, level, process.stderr.isTTY && !output.json);
    const storage = await context.storage({ create: true, logger });
    const { host, port, apiKeys, maxUploadBytes, corsOrigins } = config;
    const cors = corsOrigins.length === 0 ? undefined : { origins: corsOrigins[0] === '*' ? '*' : corsOrigins };
    const server = createServer(storage, { host, port, apiKeys, maxUploadBytes, cors, logger });
    const { url } = await server.listen();
    try {
        await prove(storage, config, signal);
        await announce(context, config, url);
        if (!signal.aborted)
            await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
        logger.info({}, 'Stopping: waiting for requests under way');
    }
    finally {
        const { cutOff } = await server.close({ drainMs: signal.aborted ? DRAIN_REQUESTS_MS : 0 });
        if (cutOff > 0)
            logger.warn({ connections: cutOff }, 'Connections were cut off before their requests ended');
        await storage.close({ drainMs: DRAIN_STORAGE_MS });
    }
    return EXIT.ok;
}
/** Opens the store. An object store that is away is no reason not to start: it may be back at any moment. */
async function prove(storage, config, signal) {
    try {
        await storage.ready({ signal, timeoutMs: PROBE_MS });
    }
    catch (error) {
        // The storage has logged what is wrong, and its status tells.
        if (activeProvider(config) === 'local' || !StorageError.is(error) || error.code === 'CONFIG_INVALID')
            throw error;
    }
}
/** Says what is served and what to try; where nobody reads stdout any more, the server runs all the same. */
async function announce({ output }, config, url) {
    const provider = activeProvider(config);
    const where = provider === 'local'
        ? resolve(config.localStoragePath)
        : `${config.objectStorageBucket} at ${config.objectStorageEndpoint ?? `AWS (${config.objectStorageRegion})`}`;
    try {
        if (output.json)
            await output.object({ url, provider, where });
        else if (!output.quiet)
            await output.write(banner(config, url, `${provider}: ${where}`));
    }
    catch (error) {
        if (!(error instanceof BrokenPipe))
            throw error;
    }
}
function banner(config, url, where) {
    // What listens on all addresses is reached by this machine's own.
    const reach = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
    const isOpen = config.apiKeys.length === 0;
    const key = isOpen ? '' : ' -H "Authorization: Bearer $HOLDFAST_API_KEY"';
    const access = isOpen
        ? 'open to programs on this machine, and to nobody else (HOLDFAST_API_KEYS is not set)'
        : 'with one of HOLDFAST_API_KEYS, or a signed URL';
    return `Holdfast serves ${where}
  at      ${url}
  access  ${access}

Try it:${isOpen ? '' : '  (with HOLDFAST_API_KEY set to one of the keys)'}
  echo hello | curl${key} -T - ${reach}/uploads/hello.txt
  curl${key} ${reach}/uploads/hello.txt
  curl${key} ${reach}/status
`;
}
//# sourceMappingURL=serve.js.map