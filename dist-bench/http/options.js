import { StorageError, shown } from '../core/errors.js';
import { limitLines } from '../core/limited-logger.js';
import { silentLogger } from '../core/logger.js';
import { isOrigin } from '../core/origin.js';
const GIB = 1024 ** 3;
const POLICIES = ['same-origin', 'same-site', 'cross-origin'];
/** Checks the options and fills in the defaults. @throws StorageError `CONFIG_INVALID` */
export function readOptions(options) {
    const { apiKeys = [], authorize, maxUploadBytes = 5 * GIB, basePath = '', cors, crossOriginResourcePolicy = 'same-site', idleTimeoutMs = 60_000, logger = silentLogger, } = options;
    if (!Array.isArray(apiKeys) || !apiKeys.every(isApiKey)) {
        throw invalid('apiKeys', 'what was given', 'keys of 16 or more printable ASCII characters without spaces');
    }
    if (authorize !== undefined && typeof authorize !== 'function') {
        throw invalid('authorize', shown(authorize), 'a function (request, action, key) => boolean');
    }
    checkWhole('maxUploadBytes', maxUploadBytes, Number.MAX_SAFE_INTEGER);
    checkWhole('idleTimeoutMs', idleTimeoutMs, 2 ** 31 - 1);
    if (typeof basePath !== 'string' || !/^(?:\/[A-Za-z0-9._~-]+)*$/.test(basePath)) {
        throw invalid('basePath', shown(basePath), '"" or a path such as "/files", without "/" at its end');
    }
    if (!POLICIES.includes(crossOriginResourcePolicy)) {
        throw invalid('crossOriginResourcePolicy', shown(crossOriginResourcePolicy), POLICIES.join(', '));
    }
    if (cors !== undefined)
        checkCors(cors);
    return {
        apiKeys,
        authorize,
        maxUploadBytes,
        basePath,
        cors,
        crossOriginResourcePolicy,
        idleTimeoutMs,
        logger: limitLines(logger),
    };
}
/** Checks a whole number from 1 to `max`. @throws StorageError `CONFIG_INVALID` */
export function checkWhole(name, value, max, min = 1) {
    if (Number.isSafeInteger(value) && value >= min && value <= max)
        return;
    throw invalid(name, shown(value), `a whole number from ${min} to ${max}`);
}
function isApiKey(key) {
    return typeof key === 'string' && /^[\x21-\x7e]{16,}$/.test(key);
}
function checkCors(cors) {
    const { origins, credentials = false } = cors;
    if (origins !== '*' && !(Array.isArray(origins) && origins.every(isOrigin))) {
        throw invalid('cors.origins', shown(origins), '"*" or origins such as "https://chat.example.com", without a path');
    }
    if (origins === '*' && credentials) {
        throw invalid('cors.credentials', 'true with origins "*"', 'a list of origins where cookies are sent along');
    }
}
function invalid(name, got, accepted) {
    const message = `Invalid ${name}: got ${got}; accepted: ${accepted}.`;
    return new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message });
}
//# sourceMappingURL=options.js.map