import { resolve } from 'node:path';
import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { files, number } from '../wording.js';
/** Takes files that lie in the storage folder without being known as objects; all of them unless paths are given. */
export async function importFiles(context, paths) {
    const { output, signal } = context;
    const storage = await context.storage();
    let imported = 0;
    const skipped = [];
    for (const path of paths.length === 0 ? [undefined] : paths) {
        const report = await storage.importFiles(path === undefined ? undefined : resolve(path), { signal });
        imported += report.imported;
        skipped.push(...report.skipped);
    }
    if (output.json) {
        await output.object({ imported, skipped });
    }
    else {
        output.note(`Imported ${files(imported)}${skipped.length === 0 ? '.' : `; ${number(skipped.length)} skipped:`}`);
        for (const { path, reason } of skipped)
            output.say(`  ${printable(path)}: ${reason}`);
    }
    return skipped.length === 0 ? EXIT.ok : EXIT.partial;
}
//# sourceMappingURL=import.js.map