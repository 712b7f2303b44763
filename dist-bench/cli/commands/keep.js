import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { transfer } from '../transfer.js';
/** Ends the expiry of files. */
export async function keep(context, keys, options) {
    const { output, signal } = context;
    const storage = await context.storage();
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) {
        const kept = await storage.keepFile(only, { signal });
        if (output.json)
            await output.object(kept);
        output.note(`Kept ${printable(only)}.`);
        return EXIT.ok;
    }
    return transfer(context, jobs(), {
        done: 'Kept',
        showRate: false,
        concurrency: options.concurrency,
    });
    async function* jobs() {
        for (const key of keys) {
            yield {
                name: key,
                async run(moved) {
                    const kept = await storage.keepFile(key, { signal });
                    moved(kept.size);
                    return kept;
                },
            };
        }
    }
}
//# sourceMappingURL=keep.js.map