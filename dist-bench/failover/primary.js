import { StorageError } from '../core/errors.js';
export function troubleOf(error) {
    if (!StorageError.is(error) || error.store === undefined || error.store === 'local')
        return 'answered';
    switch (error.code) {
        case 'UNAVAILABLE':
        case 'TIMEOUT':
        case 'THROTTLED':
            return 'away';
        case 'INTEGRITY':
            // The bytes were bent on their way; those at rest are told from them by not being worth another try.
            return error.retryable ? 'away' : 'answered';
        case 'UNAUTHENTICATED':
        case 'NO_SUCH_BUCKET':
        case 'CLOCK_SKEW':
        case 'CONFIG_INVALID':
            return 'locked';
        case 'PERMISSION_DENIED':
        case 'QUOTA_EXCEEDED':
        case 'NO_SPACE':
            return 'refused';
        default:
            return 'answered';
    }
}
//# sourceMappingURL=primary.js.map