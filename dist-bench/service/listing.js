import { setImmediate as turn } from 'node:timers/promises';
import { formatCursor, parseCursor } from '../core/cursor.js';
import { parsePrefix } from '../core/key.js';
import { checkOptions, invalidArgument } from './arguments.js';
import { listedFile } from './results.js';
/** A listing that asks the store for a page when its reader wants one. @throws `INVALID_ARGUMENT` on the first step */
export function listing(options, run) {
    return {
        pages: () => listPages(options, run),
        async *[Symbol.asyncIterator]() {
            for await (const page of listPages(options, run))
                yield* page.files;
        },
    };
}
async function* listPages(options, run) {
    checkOptions('list', options);
    const { delimiter, limit } = options;
    const prefix = parsePrefix(options.prefix === undefined ? '' : options.prefix);
    if (delimiter !== undefined && !isDelimiter(delimiter)) {
        throw invalidArgument('list', 'delimiter', delimiter, 'well-formed Unicode of at least one character');
    }
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1 && limit <= 1000)) {
        throw invalidArgument('list', 'limit', limit, 'a whole number from 1 to 1000');
    }
    const from = options.cursor === undefined ? undefined : parseCursor(options.cursor, prefix, delimiter);
    let complete = from?.complete ?? true;
    let startAfter = from?.last;
    do {
        const page = await run('list', (store, signal) => store.list({ prefix, delimiter, startAfter, limit, signal }));
        complete &&= page.complete;
        startAfter = page.next;
        yield {
            files: page.objects.map(listedFile),
            prefixes: page.prefixes,
            complete,
            ...(startAfter !== undefined && {
                cursor: formatCursor({ last: startAfter, complete }, prefix, delimiter),
            }),
        };
    } while (startAfter !== undefined);
}
/** All pages of a store's listing, one after the other; between two the event loop gets a turn. */
export async function* storePages(store, options) {
    let startAfter = options.startAfter;
    do {
        const page = await store.list({ ...options, startAfter });
        yield page;
        startAfter = page.next;
        // A store on this machine may have answered without input or output, a million times over.
        if (startAfter !== undefined)
            await turn();
    } while (startAfter !== undefined);
}
/** A half of a surrogate pair would part keys in the middle of a character, into what is no text. */
function isDelimiter(delimiter) {
    return typeof delimiter === 'string' && delimiter !== '' && delimiter.isWellFormed();
}
//# sourceMappingURL=listing.js.map