import { ENCODINGS, isEncoding } from '../core/compression.js';
import { StorageError, shown } from '../core/errors.js';
import { checkRange } from '../core/range.js';
/** The longest time a timer of Node takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** @throws StorageError `INVALID_ARGUMENT` for options that are no object: a string would be passed over in silence */
export function checkOptions(op, options, name = 'options') {
    if (options === undefined)
        return;
    if (typeof options === 'object' && options !== null && !Array.isArray(options))
        return;
    throw invalidArgument(op, name, options, 'an object');
}
/** Checks what a service is made with, but for the settings in its `config`. @throws StorageError `INVALID_ARGUMENT` */
export function checkServiceOptions(options) {
    checkOptions('open', options);
    const { config, logger, store } = options;
    checkOptions('open', config, 'config');
    checkMethods('logger', logger, ['debug', 'info', 'warn', 'error']);
    checkMethods('store', store, ['put', 'get', 'head', 'delete', 'list', 'close']);
}
function checkMethods(name, value, methods) {
    if (value === undefined)
        return;
    const given = value;
    if (given !== null && methods.every(method => typeof given[method] === 'function'))
        return;
    throw invalidArgument('open', name, value, `an object with the methods ${methods.join(', ')}`);
}
/** Checks what every call takes. @throws StorageError `INVALID_ARGUMENT` */
export function checkCallOptions(op, options) {
    if (options === undefined)
        return;
    checkOptions(op, options);
    const { signal, timeoutMs } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
        throw invalidArgument(op, 'signal', signal, 'an AbortSignal');
    }
    if (timeoutMs === undefined)
        return;
    if (typeof timeoutMs !== 'number' || !(timeoutMs > 0 && timeoutMs <= MAX_TIMER_MS)) {
        throw invalidArgument(op, 'timeoutMs', timeoutMs, 'a number of milliseconds above 0');
    }
}
/** @throws StorageError `INVALID_ARGUMENT` */
export function checkCloseOptions(options) {
    checkOptions('close', options);
    const { drainMs } = options;
    if (drainMs === undefined || (typeof drainMs === 'number' && drainMs >= 0 && drainMs <= MAX_TIMER_MS))
        return;
    throw invalidArgument('close', 'drainMs', drainMs, 'a number of milliseconds from 0 up');
}
/** @throws StorageError `INVALID_ARGUMENT` */
export function checkReadOptions(options) {
    checkCondition('get', options);
    if (options.range !== undefined)
        checkRange(options.range);
}
/** @throws StorageError `INVALID_ARGUMENT` for anything but a list of encodings or undefined */
export function checkEncodings(op, encodings) {
    if (encodings === undefined || (Array.isArray(encodings) && encodings.every(isEncoding)))
        return;
    throw invalidArgument(op, 'acceptEncodings', encodings, `a list of ${ENCODINGS.join(', ')}`);
}
/** @throws StorageError `INVALID_ARGUMENT` for an ETag that is no string: it would match nothing, or everything */
export function checkCondition(op, { ifMatch, ifNoneMatch }) {
    checkString(op, 'ifMatch', ifMatch, 'an ETag');
    checkString(op, 'ifNoneMatch', ifNoneMatch, "'*' or an ETag");
}
/** @throws StorageError `INVALID_ARGUMENT` for anything but one of the words or undefined */
export function checkWord(op, name, value, words) {
    if (value === undefined || words.some(word => word === value))
        return;
    throw invalidArgument(op, name, value, words.map(word => `'${word}'`).join(' or '));
}
/** @throws StorageError `INVALID_ARGUMENT` for anything but a string or undefined */
export function checkString(op, name, value, accepted) {
    if (value !== undefined && typeof value !== 'string')
        throw invalidArgument(op, name, value, accepted);
}
/** @throws StorageError `INVALID_ARGUMENT` for a limit that would not limit */
export function checkMaxBytes(op, maxBytes) {
    if (maxBytes === undefined || (Number.isSafeInteger(maxBytes) && maxBytes >= 0))
        return;
    throw invalidArgument(op, 'maxBytes', maxBytes, 'a whole number of bytes from 0 up');
}
/** The SHA-256 as stores compare it, in lower case. @throws StorageError `INVALID_ARGUMENT` for anything else */
export function parseSha256(sha256) {
    if (sha256 === undefined)
        return undefined;
    if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256))
        return sha256.toLowerCase();
    throw invalidArgument('put', 'sha256', sha256, '64 hexadecimal digits');
}
/** The error for an argument that is not what it must be. */
export function invalidArgument(op, name, value, accepted) {
    return new StorageError({
        code: 'INVALID_ARGUMENT',
        op,
        message: `Invalid ${name} ${shown(value)}; accepted: ${accepted}.`,
    });
}
//# sourceMappingURL=arguments.js.map