import { parseAttributes } from '../core/attributes.js';
import { formatDisposition } from '../core/content-disposition.js';
import { checkOptions, invalidArgument } from './arguments.js';
/** The longest life of a signed URL, in seconds (SigV4 query authentication: seven days). */
export const MAX_PRESIGN_SECONDS = 7 * 24 * 3600;
const DEFAULT_PRESIGN_SECONDS = 3600;
/** Checks what a signed URL is asked for. @throws StorageError `INVALID_ARGUMENT` */
export function presignRequest(options) {
    checkOptions('presign', options);
    const { method = 'GET', expiresInSeconds = DEFAULT_PRESIGN_SECONDS, contentType, fileName, disposition, direct, } = options;
    if (method !== 'GET' && method !== 'PUT')
        throw invalid('method', method, '"GET" or "PUT"');
    if (!Number.isSafeInteger(expiresInSeconds) ||
        expiresInSeconds < 1 ||
        expiresInSeconds > MAX_PRESIGN_SECONDS) {
        throw invalid('expiresInSeconds', expiresInSeconds, `a whole number of seconds from 1 to ${MAX_PRESIGN_SECONDS}`);
    }
    if (disposition !== undefined && disposition !== 'inline' && disposition !== 'attachment') {
        throw invalid('disposition', disposition, '"inline" or "attachment"');
    }
    if (direct !== undefined && typeof direct !== 'boolean')
        throw invalid('direct', direct, 'true or false');
    if (method === 'PUT' && (fileName !== undefined || disposition !== undefined)) {
        throw invalid('fileName or disposition', fileName ?? disposition, 'neither with method "PUT": they are of the answer to a GET');
    }
    parseAttributes({ contentType, fileName }, 'presign');
    const named = fileName !== undefined || disposition !== undefined;
    return {
        method,
        expiresInSeconds,
        contentType,
        contentDisposition: named ? formatDisposition(disposition ?? 'attachment', fileName) : undefined,
        direct,
    };
}
function invalid(name, value, accepted) {
    return invalidArgument('presign', name, value, accepted);
}
//# sourceMappingURL=presign.js.map