import { abortError, StorageError } from '../../core/errors.js';
import { STORAGE_CLASSES } from '../../core/storage-class.js';
import { TransportError } from './transport-error.js';
import { readXml, XmlError } from './xml.js';
/** What stands behind an error of the S3 store; its `cause`. */
export class S3Failure extends Error {
    name = 'S3Failure';
    /**
     * `failed`: the server has not acted on the request, nor will it. `unknown`: it may have, or may yet: the
     * whole request was given to the socket and no S3 error document with 4xx, 429 or 503 came back.
     */
    outcome;
    constructor(init) {
        super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
        this.outcome = init.outcome;
        if (init.status !== undefined)
            this.status = init.status;
        if (init.s3Code !== undefined)
            this.s3Code = init.s3Code;
        if (init.region !== undefined)
            this.region = init.region;
    }
}
/** What an error tells of the request: see {@link S3Failure.outcome}. Errors from before any request: `failed`. */
export function outcomeOf(error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof S3Failure)
        return cause.outcome;
    // The signal's reason stands for the request that it cut off, wherever that was.
    return StorageError.is(error, 'ABORTED') || StorageError.is(error, 'TIMEOUT') ? 'unknown' : 'failed';
}
/** The same error, of a request of which an earlier try may have been applied, or may yet be. */
export function inDoubt(error) {
    const { cause } = error;
    return new StorageError({
        code: error.code,
        op: error.op,
        key: error.key,
        store: error.store,
        message: error.message,
        retryable: error.retryable,
        retryAfterMs: error.retryAfterMs,
        cause: new S3Failure({
            message: error.message,
            outcome: 'unknown',
            ...(cause instanceof S3Failure && { status: cause.status, s3Code: cause.s3Code, region: cause.region }),
            cause,
        }),
    });
}
/** S3's own code behind an error, such as `NoSuchUpload`. */
export function s3CodeOf(error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return cause instanceof S3Failure ? cause.s3Code : undefined;
}
const RETRYABLE_INTEGRITY = { code: 'INTEGRITY', retryable: true };
/** S3 error codes (S3 API, "Error responses"), and those of other servers, in Holdfast's words. */
const MEANINGS = {
    NoSuchKey: 'NOT_FOUND',
    NoSuchVersion: 'NOT_FOUND',
    NoSuchBucket: 'NO_SUCH_BUCKET',
    NoSuchUpload: { code: 'UNAVAILABLE', retryable: false },
    AccessDenied: 'PERMISSION_DENIED',
    AllAccessDisabled: 'PERMISSION_DENIED',
    AccountProblem: 'PERMISSION_DENIED',
    UserSuspended: 'PERMISSION_DENIED',
    InvalidAccessKeyId: 'UNAUTHENTICATED',
    SignatureDoesNotMatch: 'UNAUTHENTICATED',
    InvalidToken: 'UNAUTHENTICATED',
    ExpiredToken: 'UNAUTHENTICATED',
    TokenRefreshRequired: 'UNAUTHENTICATED',
    InvalidSecurity: 'UNAUTHENTICATED',
    NotSignedUp: 'UNAUTHENTICATED',
    AuthorizationHeaderMalformed: 'UNAUTHENTICATED',
    RequestTimeTooSkewed: 'CLOCK_SKEW',
    PreconditionFailed: 'PRECONDITION_FAILED',
    ConditionalRequestConflict: 'UNAVAILABLE',
    OperationAborted: 'UNAVAILABLE',
    InvalidRange: 'RANGE_NOT_SATISFIABLE',
    InvalidObjectState: 'ARCHIVED',
    // A 503 that is about this one request, and no sign of a server in trouble.
    GlacierExpeditedRetrievalNotAvailable: 'ARCHIVED',
    RestoreAlreadyInProgress: 'ARCHIVED',
    ObjectAlreadyInActiveTierError: 'ARCHIVED',
    EntityTooLarge: 'TOO_LARGE',
    KeyTooLongError: 'INVALID_KEY',
    MetadataTooLarge: 'INVALID_ARGUMENT',
    InvalidStorageClass: 'INVALID_ARGUMENT',
    InvalidTag: 'INVALID_ARGUMENT',
    BadDigest: RETRYABLE_INTEGRITY,
    InvalidDigest: RETRYABLE_INTEGRITY,
    XAmzContentSHA256Mismatch: RETRYABLE_INTEGRITY,
    XAmzContentChecksumMismatch: RETRYABLE_INTEGRITY,
    SlowDown: 'THROTTLED',
    SlowDownRead: 'THROTTLED',
    SlowDownWrite: 'THROTTLED',
    Throttling: 'THROTTLED',
    ThrottlingException: 'THROTTLED',
    TooManyRequests: 'THROTTLED',
    RequestLimitExceeded: 'THROTTLED',
    RequestTimeout: 'UNAVAILABLE',
    InternalError: 'UNAVAILABLE',
    ServiceUnavailable: 'UNAVAILABLE',
    ServerBusy: 'THROTTLED',
    QuotaExceeded: 'QUOTA_EXCEEDED',
    XMinioAdminBucketQuotaExceeded: 'QUOTA_EXCEEDED',
    XMinioStorageFull: 'NO_SPACE',
    InsufficientStorage: 'NO_SPACE',
    PermanentRedirect: 'CONFIG_INVALID',
    TemporaryRedirect: 'CONFIG_INVALID',
    Redirect: 'CONFIG_INVALID',
    IllegalLocationConstraintException: 'CONFIG_INVALID',
    InvalidBucketName: 'CONFIG_INVALID',
    NotImplemented: 'UNSUPPORTED',
    MethodNotAllowed: 'UNSUPPORTED',
};
/** What one of S3's error codes means in Holdfast's words; undefined for one that is not known. */
export function codeOfS3(s3Code) {
    const meaning = Object.hasOwn(MEANINGS, s3Code) ? MEANINGS[s3Code] : undefined;
    return typeof meaning === 'object' ? meaning.code : meaning;
}
/** Reads an S3 error document; undefined for anything else. */
export function readErrorDocument(body) {
    if (body.length === 0)
        return undefined;
    let root = '';
    const fields = {};
    try {
        readXml(body.toString(), {
            open(name, depth) {
                if (depth === 0)
                    root = name;
            },
            close(name, text, depth) {
                if (depth === 1 && (name === 'Code' || name === 'Message' || name === 'Region'))
                    fields[name] = text;
            },
        });
    }
    catch (error) {
        if (error instanceof XmlError)
            return undefined;
        throw error;
    }
    const { Code: code, Message: message = '', Region: region } = fields;
    if (root !== 'Error' || !code || !/^[A-Za-z0-9.]{1,80}$/.test(code))
        return undefined;
    return {
        code,
        message: message.slice(0, 200),
        ...(region && /^[A-Za-z0-9-]{1,63}$/.test(region) && { region }),
    };
}
/**
 * The error that an answer stands for.
 *
 * @param document the answer's error document, already read
 */
export function answerError(context, answer, document) {
    const { status, headers } = answer;
    const region = document?.region ?? headers.get('x-amz-bucket-region');
    const known = document === undefined ? undefined : meaningOf(document.code, status, region);
    const meaning = known ?? byStatus(status, document !== undefined);
    const code = typeof meaning === 'string' ? meaning : meaning.code;
    const said = document === undefined ? `${status} without an S3 error document` : `${status} ${document.code}`;
    return new StorageError({
        code,
        ...context,
        store: 's3',
        message: `${sentence(said, context.op)}${explanation(code, document, region, headers)}${classHint(code, context)}`,
        retryable: typeof meaning === 'string' ? undefined : meaning.retryable,
        retryAfterMs: headers.retryAfterMs(),
        cause: new S3Failure({
            message: said,
            status,
            s3Code: document?.code,
            region,
            outcome: isKnownFailure(status, document) ? 'failed' : 'unknown',
        }),
    });
}
function sentence(said, op) {
    return `The store answered ${said} to ${op}.`;
}
function meaningOf(code, status, region) {
    // AWS says this to a request that was signed for another region, and names the right one.
    if (code === 'AuthorizationHeaderMalformed' && region !== undefined)
        return 'CONFIG_INVALID';
    if (Object.hasOwn(MEANINGS, code))
        return MEANINGS[code];
    return status === 400 || status === 409 || status === 411 ? 'INVALID_ARGUMENT' : undefined;
}
function byStatus(status, isS3) {
    if (status === 429)
        return 'THROTTLED';
    if (status === 507)
        return 'NO_SPACE';
    if (!isS3)
        return 'UNAVAILABLE';
    if (status === 401)
        return 'UNAUTHENTICATED';
    if (status === 403)
        return 'PERMISSION_DENIED';
    if (status === 412)
        return 'PRECONDITION_FAILED';
    if (status === 501 || status === 405)
        return 'UNSUPPORTED';
    if (status >= 300 && status < 400)
        return 'CONFIG_INVALID';
    return 'UNAVAILABLE';
}
function isKnownFailure(status, document) {
    if (document === undefined)
        return false;
    return (status >= 300 && status < 500) || status === 503;
}
function explanation(code, document, region, headers) {
    if (code === 'CONFIG_INVALID' && region !== undefined) {
        return ` The bucket is in region ${region}: configure that region, and its endpoint if one is set.`;
    }
    if (document === undefined) {
        const location = headers.get('location');
        return location === undefined
            ? ' Something between here and the store answers in its place, or the endpoint is no S3 server.'
            : ' It redirects to another address, which is never followed.';
    }
    const detail = document.message === '' ? '' : ` It says: ${document.message.slice(0, 200)}`;
    switch (code) {
        case 'PERMISSION_DENIED':
            return `${detail} For an object that does not exist, S3 answers so where these credentials lack s3:ListBucket.`;
        case 'ARCHIVED':
            return document.code === 'InvalidObjectState'
                ? ' The object is in an archive, and must be restored before it can be read or copied: "holdfast thaw" does that, or thawFile().'
                : detail;
        case 'CLOCK_SKEW':
            return " This machine's clock and the store's differ too much, even after one correction.";
        default:
            return detail;
    }
}
/** Servers refuse a storage class that they do not have in words of their own. */
function classHint(code, { headers = [] }) {
    const at = headers.indexOf('x-amz-storage-class');
    if (code !== 'INVALID_ARGUMENT' || at === -1)
        return '';
    return ` Perhaps the server has no storage class ${headers[at + 1]}: of S3's (${STORAGE_CLASSES.join(', ')}) most have but a few.`;
}
/** The error for a request without a whole answer. */
export function transportError(context, error, signal) {
    if (!(error instanceof TransportError)) {
        return new StorageError({
            code: 'INTERNAL',
            ...context,
            store: 's3',
            message: 'The request could not be made.',
            cause: error,
        });
    }
    const outcome = error.sent ? 'unknown' : 'failed';
    if (error.problem === 'aborted' && signal?.aborted)
        return abortError(signal, context.op, context.key);
    return new StorageError({
        code: error.problem === 'timeout' ? 'TIMEOUT' : 'UNAVAILABLE',
        ...context,
        store: 's3',
        message: `${TROUBLE[error.problem]}: ${error.message}`,
        ...(error.problem === 'closed' && { retryable: false }),
        cause: new S3Failure({ message: error.message, outcome, cause: error }),
    });
}
const TROUBLE = {
    connect: 'The store cannot be reached',
    reset: 'The connection to the store broke',
    timeout: 'The store is too slow',
    protocol: 'The answer cannot be read',
    aborted: 'The request was given up',
    closed: 'The request was not made',
};
/** The error for an answer that does not prove to be S3's, or cannot be read. Its outcome is unknown. */
export function unprovenAnswer(context, status, why) {
    return new StorageError({
        code: 'UNAVAILABLE',
        ...context,
        store: 's3',
        message: `The answer (status ${status}) does not prove to be the store's: ${why}. Something in between may have answered in its place.`,
        cause: new S3Failure({ message: why, status, outcome: 'unknown' }),
    });
}
/** The error for stored bytes that are not those that were written. */
export function integrityError(context, message) {
    return new StorageError({ code: 'INTEGRITY', ...context, store: 's3', message });
}
/** The error for content that is not what its caller declared. */
export function wrongSha256(key, got, declared) {
    return new StorageError({
        code: 'INVALID_ARGUMENT',
        op: 'put',
        key,
        store: 's3',
        message: `The content has SHA-256 ${got}, and ${declared} was declared.`,
    });
}
//# sourceMappingURL=errors.js.map