import { EXIT, usageError } from '../failure.js';
import { printable } from '../output.js';
import { table } from '../wording.js';
/** Shows the tags of a file, or changes some of them. */
export async function tags(context, key, set, options) {
    const { output, signal } = context;
    const { remove = [], clear = false } = options;
    const both = remove.find(name => Object.hasOwn(set, name));
    if (both !== undefined)
        throw usageError(`The tag ${both} is both set and removed.`);
    const storage = await context.storage();
    const before = await storage.getFileTags(key, { signal });
    const changes = clear || remove.length > 0 || Object.keys(set).length > 0;
    const kept = Object.entries(before).filter(([name]) => !clear && !remove.includes(name));
    const after = changes ? { ...Object.fromEntries(kept), ...set } : before;
    if (changes)
        await storage.setFileTags(key, after, { signal });
    if (output.json)
        await output.object({ key, tags: after });
    else {
        const rows = Object.entries(after).map(([name, value]) => [printable(name), printable(value)]);
        if (rows.length > 0)
            await output.line(table(rows));
        else
            output.note(`${printable(key)} has no tags.`);
    }
    return EXIT.ok;
}
//# sourceMappingURL=tags.js.map