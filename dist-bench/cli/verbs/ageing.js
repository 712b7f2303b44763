import { Argument, Option } from 'commander';
import { collected, count, pair, seconds, thawTier } from '../parse.js';
import { concurrency, dryRun, examples } from './common.js';
const CLASS_ACTIONS = ['ls', 'set'];
/** The verbs class, thaw, tags. */
export function addAgeing(program, perform) {
    program
        .command('class')
        .summary('Show and change the storage classes of files.')
        .description('Show and change what the object store keeps files in. ls: count files and bytes of each class below a prefix. set: bring files to a class by copies that the store makes itself; content, metadata and tags stay, and a file that is replaced meanwhile is left alone.')
        .usage('[options] <ls [prefix] | set <class> <key...>>')
        .addArgument(new Argument('<action>').choices(CLASS_ACTIONS))
        .argument('[name...]', 'ls: a prefix; set: the class, then keys or, with --recursive, prefixes')
        .option('-r, --recursive', 'set: everything below the prefixes that is in another class.')
        .option('-y, --yes', 'set: do not ask before everything below a prefix goes to an archive.')
        .addOption(concurrency())
        .addOption(dryRun())
        .addHelpText('after', examples('holdfast class ls rooms/', 'holdfast class set STANDARD_IA exports/2026.csv', 'holdfast class set -r --dry-run GLACIER archive/2019/'))
        .action((action, names, _options, command) => perform(command, async (context) => (await import('../commands/class.js')).classes(context, action, names, command.opts())));
    program
        .command('thaw')
        .summary('Make archived files readable for a while.')
        .description('Ask for archived files (GLACIER, DEEP_ARCHIVE, the archive tiers of INTELLIGENT_TIERING) to be made readable, which takes minutes to days; tell how each stands. Asking again does no harm, and keeps what is readable so for longer. With --wait or --status it exits with 5 while something cannot be read.')
        .usage('[options] <key...>')
        .argument('<key...>', 'the keys; with --recursive prefixes')
        .option('-r, --recursive', 'Everything below the prefixes that is in an archive.')
        .option('--days <n>', 'How long it can be read from then on.', count(1, 36_500), 7)
        .addOption(new Option('--tier <tier>', "Expedited, Standard or Bulk: the sooner the dearer; the store's choice unless given.").argParser(thawTier))
        .option('--wait', 'Wait until everything can be read.')
        .option('--timeout <time>', 'With --wait: how long at most, such as 12h; for ever unless given.', seconds)
        .option('--status', 'Only tell how the files stand.')
        .addOption(concurrency())
        .addHelpText('after', examples('holdfast thaw archive/2019/report.pdf --days 3 --tier Expedited --wait', 'holdfast thaw -r archive/2019/ --tier Bulk', 'holdfast thaw -r archive/2019/ --status'))
        .action((keys, _options, command) => perform(command, async (context) => (await import('../commands/thaw.js')).thaw(context, keys, command.opts())));
    program
        .command('tags')
        .summary('Show and set the tags of a file.')
        .description('Show the tags of a file; set those given, and leave the others as they are.')
        .argument('<key>')
        .argument('[name=value...]', 'tags to set')
        .option('--remove <name>', 'Take this tag away; repeat for more.', collected)
        .option('--clear', 'Take all others away.')
        .addHelpText('after', examples('holdfast tags rooms/42/photo.jpg', 'holdfast tags rooms/42/photo.jpg keep=yes --remove draft', 'holdfast tags rooms/42/photo.jpg --clear'))
        .action((key, given, _options, command) => perform(command, async (context) => {
        const set = given.reduce((before, text) => pair(text, before), {});
        return (await import('../commands/tags.js')).tags(context, key, set, command.opts());
    }));
}
//# sourceMappingURL=ageing.js.map