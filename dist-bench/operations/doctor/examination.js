import { StorageError } from '../../core/errors.js';
import { fault } from './findings.js';
import { REMEDIES } from './remedies.js';
/** Goes through checks one after the other; what a fault leaves without ground is skipped, and says so. */
export class Examination {
    #found = new Map();
    /**
     * @throws StorageError `ABORTED`
     */
    async *run(checks, patient, signal) {
        for (const one of checks) {
            const { check, area } = one;
            const lacking = one.needs?.find(name => this.#isUnsound(name));
            const verdict = lacking === undefined
                ? await examine(one, patient, signal)
                : { state: 'skipped', says: `Not examined: it needs what "${lacking}" is about.` };
            if (verdict === undefined)
                continue;
            const finding = { check, area, ...verdict };
            this.#found.set(check, finding);
            yield finding;
        }
    }
    #isUnsound(check) {
        const state = this.#found.get(check)?.state;
        return state === 'fault' || state === 'skipped';
    }
}
async function examine(check, patient, signal) {
    try {
        return await check.examine(patient);
    }
    catch (error) {
        if (signal?.aborted)
            throw error;
        // One point that cannot be examined is no reason to leave out the others.
        return faultOf(StorageError.is(error) ? error : unforeseen(error));
    }
}
function unforeseen(cause) {
    const message = `This could not be examined: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new StorageError({ code: 'INTERNAL', op: 'doctor', message, cause });
}
/** The fault that an error of a store stands for. */
export function faultOf(error) {
    return fault(error.message, REMEDIES[error.code].remedy, error.code);
}
//# sourceMappingURL=examination.js.map