import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
/** Makes the folders: beside the user's, so that the same disk is rehearsed; where that may not be written, in the system's. */
export async function makeScratch(config) {
    const folder = await makeBeside(config.localStoragePath);
    const ledgerPath = config.ledgerPath === undefined ? undefined : await makeBeside(config.ledgerPath);
    return {
        folder,
        localStoragePath: join(folder, 'store'),
        ledgerPath,
        logger: fileLogger(join(folder, 'log.ndjson')),
        remove: async () => {
            await rm(folder, { recursive: true, force: true });
            if (ledgerPath !== undefined)
                await rm(ledgerPath, { recursive: true, force: true });
        },
    };
}
async function makeBeside(path) {
    try {
        return await mkdtemp(`${resolve(path)}-drill-`);
    }
    catch {
        return mkdtemp(join(tmpdir(), 'holdfast-drill-'));
    }
}
function fileLogger(path) {
    const at = (level) => (fields, message) => appendFileSync(path, `${JSON.stringify({ level, time: new Date().toISOString(), msg: message, ...fields })}\n`);
    return { debug: () => { }, info: at('info'), warn: at('warn'), error: at('error') };
}
//# sourceMappingURL=scratch.js.map