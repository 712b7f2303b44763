import { Argument } from 'commander';
import { count, seconds } from '../parse.js';
import { dryRun, examples } from './common.js';
const ACTIONS = ['ls', 'restore', 'purge'];
/** The verb versions. */
export function addVersions(program, perform) {
    program
        .command('versions')
        .summary('Show, restore and purge old versions of files.')
        .description('Look after the versions of files in a bucket that keeps them ("holdfast bucket versioning on"). A name that ends in "/" stands for everything below it. ls: list versions, of each file the newest first. restore: make an older version the current one, or bring a deleted file back. purge: remove old versions for good, and delete markers that nothing lies below any more; never a current version. Asks before it purges, unless --yes; without a terminal --yes is needed. Exits with 5 if some could not be removed.')
        .usage('[options] <ls|restore|purge> [name...]')
        .addArgument(new Argument('<action>').choices(ACTIONS))
        .argument('[name...]', 'keys, or prefixes that end in "/"; ls: everything unless given')
        .option('--version-id <id>', 'restore: the version to bring back; of a deleted file its last unless given.')
        .option('-l, --long', 'ls: also who wrote each version, which takes a request for each.')
        .option('--older-than <time>', 'purge: only what was replaced or deleted at least so long ago: 30d, 12h.', seconds)
        .option('--keep <n>', "purge: so many of a file's newest old versions stay.", count(0, 1_000_000_000))
        .option('--all', 'purge: of every file in the bucket.')
        .option('-y, --yes', 'purge: do not ask.')
        .addOption(dryRun())
        .addHelpText('after', examples('holdfast versions ls rooms/42/photo.jpg', 'holdfast versions restore rooms/42/photo.jpg', 'holdfast get rooms/42/photo.jpg old.jpg --version-id 3sL4kqtJlcpXroDTDmJ', 'holdfast versions purge rooms/ --older-than 30d --keep 1 --dry-run'))
        .action((action, names, _options, command) => perform(command, async (context) => (await import('../commands/versions.js')).versions(context, action, names, command.opts())));
}
//# sourceMappingURL=versions.js.map