import type { Command } from 'commander'
import { dryRun, examples, type Perform } from './common.js'

/** The verb erase. */
export function addErase(program: Command, perform: Perform): void {
  program
    .command('erase')
    .summary('Erase files so that nothing of them is left.')
    .description(
      'Remove files and all that there ever was under their keys, wherever it lies: versions, delete markers, unfinished uploads, what waits for the bucket, conflicts, cached copies, and what the ledger keeps of removed entries. A name that ends in "/" stands for everything below it. Asks, unless --yes; without a terminal --yes is needed. What cannot be done now, since the object store is away or a late request to it could bring something back, is owed, and done later by whichever process uses the storage folder: then it exits with 5.',
    )
    .usage('[options] <key|prefix/...>')
    .argument('[name...]', 'keys, or prefixes that end in "/"')
    .option('--receipt <file>', 'Write what was erased where and when to a new file, as lines of JSON.')
    .option(
      '--status',
      'Tell what is owed, and what was finished since; with --receipt the finished ones are written there, and forgotten here.',
    )
    .option(
      '--give-up <id>',
      'End an erasure that is owed by a bucket which is in use no more; the receipt says what was not confirmed there.',
    )
    .option('-y, --yes', 'Do not ask.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples(
        'holdfast erase rooms/42/passport.jpg --receipt receipt.jsonl',
        'holdfast erase users/1234/ --dry-run',
        'holdfast erase --status',
        'holdfast erase --give-up 0f8fad5b-d9cb-469f-a165-70867728950e --receipt receipt.jsonl',
      ),
    )
    .action((names: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/erase.js')).erase(context, names, command.opts()),
      ),
    )
}
