import { Argument, type Command, Option } from 'commander'
import type { ClassAction } from '../commands/class.js'
import { collected, count, pair, seconds, thawTier } from '../parse.js'
import { concurrency, dryRun, examples, type Perform } from './common.js'

const CLASS_ACTIONS: readonly ClassAction[] = ['ls', 'set']

/** The verbs class, thaw, tags, usage. */
export function addAgeing(program: Command, perform: Perform): void {
  program
    .command('class')
    .summary('Show and change the storage classes of files.')
    .description(
      'Show and change what the object store keeps files in. ls: count files and bytes of each class below a prefix. set: bring files to a class by copies that the store makes itself; content, metadata and tags stay, and a file that is replaced meanwhile is left alone.',
    )
    .usage('[options] <ls [prefix] | set <class> <key...>>')
    .addArgument(new Argument('<action>').choices(CLASS_ACTIONS))
    .argument('[name...]', 'ls: a prefix; set: the class, then keys or, with --recursive, prefixes')
    .option('-r, --recursive', 'set: everything below the prefixes that is in another class.')
    .option('-y, --yes', 'set: do not ask before everything below a prefix goes to an archive.')
    .addOption(concurrency())
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples(
        'holdfast class ls rooms/',
        'holdfast class set STANDARD_IA exports/2026.csv',
        'holdfast class set -r --dry-run GLACIER archive/2019/',
      ),
    )
    .action((action: ClassAction, names: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/class.js')).classes(context, action, names, command.opts()),
      ),
    )

  program
    .command('thaw')
    .summary('Make archived files readable for a while.')
    .description(
      'Ask for archived files (GLACIER, DEEP_ARCHIVE, the archive tiers of INTELLIGENT_TIERING) to be made readable, which takes minutes to days; tell how each stands. Asking again does no harm, and keeps what is readable so for longer. With --wait or --status it exits with 5 while something cannot be read.',
    )
    .usage('[options] <key...>')
    .argument('<key...>', 'the keys; with --recursive prefixes')
    .option('-r, --recursive', 'Everything below the prefixes that is in an archive.')
    .option('--days <n>', 'How long it can be read from then on.', count(1, 36_500), 7)
    .addOption(
      new Option(
        '--tier <tier>',
        "Expedited, Standard or Bulk: the sooner the dearer; the store's choice unless given.",
      ).argParser(thawTier),
    )
    .option('--wait', 'Wait until everything can be read.')
    .option('--timeout <time>', 'With --wait: how long at most, such as 12h; for ever unless given.', seconds)
    .option('--status', 'Only tell how the files stand.')
    .addOption(concurrency())
    .addHelpText(
      'after',
      examples(
        'holdfast thaw archive/2019/report.pdf --days 3 --tier Expedited --wait',
        'holdfast thaw -r archive/2019/ --tier Bulk',
        'holdfast thaw -r archive/2019/ --status',
      ),
    )
    .action((keys: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/thaw.js')).thaw(context, keys, command.opts()),
      ),
    )

  program
    .command('tags')
    .summary('Show and set the tags of a file.')
    .description('Show the tags of a file; set those given, and leave the others as they are.')
    .argument('<key>')
    .argument('[name=value...]', 'tags to set', pair)
    .option('--remove <name>', 'Take this tag away; repeat for more.', collected)
    .option('--clear', 'Take all others away.')
    .addHelpText(
      'after',
      examples(
        'holdfast tags rooms/42/photo.jpg',
        'holdfast tags rooms/42/photo.jpg keep=yes --remove draft',
        'holdfast tags rooms/42/photo.jpg --clear',
      ),
    )
    .action((key: string, set: Record<string, string> | undefined, _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/tags.js')).tags(context, key, set ?? {}, command.opts()),
      ),
    )

  program
    .command('usage')
    .summary('Tell what files take, and what they cost.')
    .description(
      'Add up files and bytes by prefix, type, age and storage class; of a bucket also what no reader sees and the bill has all the same: old versions, delete markers and unfinished uploads; and what it costs a month, by the list prices of Amazon S3 or those of a file. A bucket is asked itself, by several listings at once.',
    )
    .argument('[prefix]', 'the start of the keys', '')
    .option('--depth <n>', 'So many segments of the keys behind the prefix make a group.', count(1, 32), 1)
    .option('--top <n>', 'So many groups are shown.', count(1, 10_000), 20)
    .addOption(
      new Option('--format <format>', 'How it is told; --json tells all of it.')
        .choices(['table', 'csv', 'prometheus'])
        .default('table'),
    )
    .option('--prices <file>', 'A price table, in JSON.')
    .option('-c, --concurrency <n>', 'Listings at once.', count(1, 64), 4)
    .addHelpText(
      'after',
      examples(
        'holdfast usage',
        'holdfast usage rooms/ --depth 2',
        'holdfast usage --format prometheus > /var/lib/node_exporter/holdfast.prom',
        'holdfast usage --prices prices.json --json | jq .cost',
      ),
    )
    .action((prefix: string, _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/usage.js')).usage(context, prefix, command.opts()),
      ),
    )
}
