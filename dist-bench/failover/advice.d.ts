import type { ErrorCode } from '../core/errors.js';
/** What a person has to do before an object store that refuses with this takes anything again; undefined: wait. */
export declare function adviceFor(code: ErrorCode): string | undefined;
