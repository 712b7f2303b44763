import { StorageError } from '../../core/errors.js';
import { Ledger } from '../../stores/local/ledger.js';
/** Reads a whole ledger, in a process of its own: a damaged one may end whoever reads it. */
async function probe(path) {
    try {
        // Nothing is ever committed.
        const ledger = await Ledger.open(path, { nextVersion: () => 0, onPoisoned: () => { } });
        try {
            return { read: ledger.inspect() };
        }
        finally {
            await ledger.close();
        }
    }
    catch (error) {
        if (StorageError.is(error, 'CONFIG_INVALID'))
            return { refused: error.message };
        return { error: error instanceof Error ? error.message : String(error) };
    }
}
void probe(process.argv[2] ?? '').then(answer => process.send?.(answer, () => process.disconnect()));
//# sourceMappingURL=ledger-probe-main.js.map