import type { Command } from 'commander'
import { seconds } from '../parse.js'
import { concurrency, examples, type Perform } from './common.js'

/** The verb export. */
export function addExport(program: Command, perform: Perform): void {
  program
    .command('export')
    .summary('Write files as one tar archive, with a manifest and their hashes.')
    .description(
      'Write files as one tar archive, such as all that a user has stored: each with the bytes that were uploaded, under its key; then manifest.jsonl, which tells what is known of each, and SHA256SUMS, for "sha256sum -c". Files are streamed, and their bytes compared with the hashes that were recorded. An archive that goes to a file appears there when it is whole. Exits with 5 if a file failed, of which the manifest tells; with 4, and without an archive, if the object store is away and something is only there.',
    )
    .usage('[options] <key|prefix/...>')
    .argument('<name...>', 'keys, or prefixes that end in "/"; "/" for everything')
    .option('-o, --output <file>', 'Where the archive goes; to stdout unless given.')
    .option('-z, --gzip', 'Compress it, as is done for a file that ends in .tar.gz or .tgz.')
    .option('--tags', 'Tell the tags too, which takes a request more for each file.')
    .option('--include <glob...>', 'Only keys that match, such as "rooms/**" or "*.jpg".')
    .option('--exclude <glob...>', 'Not keys that match.')
    .option(
      '--skip-unavailable',
      'Leave out what cannot be had while the object store is away; the manifest tells that it is not complete.',
    )
    .addOption(concurrency())
    .option(
      '--patience <time>',
      'How long an object store that goes away meanwhile is waited for.',
      seconds,
      600,
    )
    .addHelpText(
      'after',
      examples(
        'holdfast export users/1234/ -o user-1234.tar.gz',
        'holdfast export users/1234/ avatars/1234.jpg --tags --output user-1234.tar',
        'holdfast export rooms/42/ --exclude "*.tmp" | ssh backup "cat > room-42.tar"',
        'tar -xf user-1234.tar.gz -C /tmp/check && cd /tmp/check && sha256sum -c SHA256SUMS',
      ),
    )
    .action((names: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/export.js')).exportNames(context, names, command.opts()),
      ),
    )
}
