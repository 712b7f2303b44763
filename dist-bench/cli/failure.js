import { CommanderError } from 'commander';
import { ERROR_CODES, StorageError } from '../core/errors.js';
/** Exit codes that no single error stands for; the others are those of {@link ERROR_CODES}. */
export const EXIT = {
    ok: 0,
    failed: 1,
    usage: 2,
    notFound: 3,
    unavailable: 4,
    partial: 5,
    different: 6,
    interrupted: 130,
};
/** What an error of any kind comes to: its code, its text and the exit code it stands for. */
export function failureOf(error) {
    if (StorageError.is(error)) {
        const { code, message } = error;
        return { code, message, exitCode: ERROR_CODES[code].exitCode, json: error.toJSON() };
    }
    if (error instanceof CommanderError) {
        return plain('INVALID_ARGUMENT', `${usageText(error.message)}; --help explains.`, EXIT.usage);
    }
    if (isSystemError(error))
        return plain(error.code, error.message, EXIT.failed);
    const message = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? error.stack : undefined;
    return { ...plain('INTERNAL', message, EXIT.failed), ...(stack !== undefined && { stack }) };
}
/** The error of a command line that cannot be followed: exit code 2. */
export function usageError(message) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'cli', message });
}
/** Whether an error is the operating system's, such as that of a file that cannot be written. */
export function isSystemError(error) {
    return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
/** What commander says, on one line; a value given to an option that does not exist may be a secret. */
function usageText(message) {
    const line = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    return line.replace(/(unknown option '--[^=']*)=[^']*'/, "$1'");
}
function plain(code, message, exitCode) {
    return { code, message, exitCode, json: { code, message } };
}
//# sourceMappingURL=failure.js.map