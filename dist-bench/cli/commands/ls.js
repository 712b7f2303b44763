import { compareUtf8 } from '../../core/key.js';
import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { size } from '../wording.js';
const SIZE_WIDTH = 10;
const TIME_WIDTH = 20;
/** Lists the files whose keys begin with a prefix, in UTF-8 byte order; folders as one line unless recursive. */
export async function ls(context, prefix, options) {
    const { output, signal } = context;
    const storage = await context.storage();
    const shown = process.stdout.isTTY ? printable : (name) => name;
    const write = (file) => {
        if (output.json)
            return JSON.stringify(file);
        return options.long ? `${details(file)}  ${shown(file.key)}` : shown(file.key);
    };
    const writeFolder = (name) => {
        if (output.json)
            return JSON.stringify({ prefix: name });
        return options.long ? `${' '.repeat(SIZE_WIDTH + TIME_WIDTH + 2)}  ${shown(name)}` : shown(name);
    };
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let complete = true;
    const delimiter = options.recursive ? undefined : '/';
    const pages = storage.list({ prefix, delimiter, limit: Math.min(left, 1000), signal }).pages();
    for await (const page of pages) {
        complete &&= page.complete;
        const lines = merge(page.files, page.prefixes, write, writeFolder).slice(0, left);
        if (lines.length > 0)
            await output.write(`${lines.join('\n')}\n`);
        left -= lines.length;
        if (left <= 0)
            break;
    }
    if (complete)
        return EXIT.ok;
    output.warn('the listing is incomplete, since the store is away');
    return EXIT.partial;
}
/** Files and folders in one order, as the store has them. */
function merge(files, folders, write, writeFolder) {
    if (folders.length === 0)
        return files.map(write);
    const all = [
        ...files.map(file => ({ name: file.key, line: write(file) })),
        ...folders.map(name => ({ name, line: writeFolder(name) })),
    ];
    return all.sort((a, b) => compareUtf8(a.name, b.name)).map(({ line }) => line);
}
function details({ size: bytes, lastModified }) {
    const time = lastModified.toISOString().replace(/\.\d+Z$/, 'Z');
    return `${size(bytes).padStart(SIZE_WIDTH)}  ${time}`;
}
//# sourceMappingURL=ls.js.map