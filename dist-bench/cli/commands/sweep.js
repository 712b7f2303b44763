import { EXIT } from '../failure.js';
import { files } from '../wording.js';
/** Removes what has expired. */
export async function sweep(context) {
    const { output, signal } = context;
    const storage = await context.storage();
    const removed = await storage.removeExpired({ signal });
    if (output.json)
        await output.object({ removed });
    else
        output.note(removed === 0 ? 'Nothing to remove has expired.' : `Removed ${files(removed)}.`);
    return EXIT.ok;
}
//# sourceMappingURL=sweep.js.map