import { Option } from 'commander';
import { count } from '../parse.js';
const CONCURRENCY = 16;
/** `--concurrency`, of verbs that work on many files. */
export function concurrency() {
    return new Option('-c, --concurrency <n>', 'Files at once.').argParser(count(1, 256)).default(CONCURRENCY);
}
/** `--dry-run`, of verbs that change or remove something. */
export function dryRun() {
    return new Option('-n, --dry-run', 'Only tell what would be done.');
}
/** The examples at the end of a verb's help. */
export function examples(...lines) {
    return `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}`;
}
//# sourceMappingURL=common.js.map