import { type Command, Option } from 'commander'
import { ENCODINGS } from '../../core/compression.js'
import { byteRange, expiry, pair } from '../parse.js'
import { concurrency, dryRun, examples, type Perform } from './common.js'

/** The verbs put, get. */
export function addTransfers(program: Command, perform: Perform): void {
  program
    .command('put')
    .summary('Store files, folders or stdin.')
    .description(
      'Store files. The last of several arguments is the key, or with "/" at its end a prefix; without one, a file goes to its own name. Creates the storage folder.',
    )
    .usage('[options] <file...|-> [key]')
    .argument('<file...>', 'files, folders (with --recursive), or - for stdin')
    .option('--to <key>', 'The key or prefix; then every argument is a file.')
    .option(
      '--new-key',
      'Store one file under a new key below the prefix, which nobody can guess, and print it. Keeps the name.',
    )
    .option('-r, --recursive', 'Store what is in folders; its keys are paths relative to the folder.')
    .option('--follow', 'Follow symbolic links in folders.')
    .addOption(concurrency())
    .option('--content-type <type>', 'Media type; found out from content and name unless given.')
    .option('--file-name <name>', 'The name that downloads are saved under.')
    .option('--metadata <name=value>', 'Metadata to keep with the file; repeat for more.', pair)
    .option('--tag <name=value>', 'A tag; repeat for more.', pair)
    .option(
      '--storage-class <class>',
      "One of S3's storage classes, such as STANDARD_IA, or of the server's own.",
    )
    .addOption(
      new Option(
        '--compress [how]',
        'Store compressed: auto (the default: gzip, where it is worth it), gzip, br or zstd. Readers get the content itself.',
      ).choices(['auto', ...ENCODINGS]),
    )
    .option(
      '--expires <time>',
      'When the file is gone by itself, unless "keep" keeps it: 24h, 7d, 2030-12-24, 2030-12-24T18:00:00Z.',
      expiry,
    )
    .option('--if-match <etag>', 'Replace only the file that has this ETag.')
    .option('--if-none-match <etag>', 'Replace only a file with another ETag; "*": only create.')
    .option('--no-clobber', 'Leave files that are there as they are; that is no failure.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples(
        'holdfast put photo.jpg',
        'holdfast put photo.jpg rooms/42/cat.jpg --file-name "Our cat.jpg" --metadata room=42',
        'tar c src | holdfast put - backups/src.tar --content-type application/x-tar',
        'holdfast put photo.jpg rooms/42/ --expires 24h',
        'key=$(holdfast put --new-key photo.jpg rooms/42/ --quiet)',
        'holdfast put --recursive ./site docs/',
        'holdfast put --recursive --compress=auto ./logs logs/',
        'holdfast put --to photos/ *.jpg',
      ),
    )
    .action((files: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/put.js')).put(context, files, command.opts()),
      ),
    )

  program
    .command('get')
    .summary('Fetch files, to files or to stdout.')
    .description(
      'Fetch a file to a file (its own name in the current folder unless given) or to stdout (-). The file appears whole or not at all, and replaces what was there.',
    )
    .usage('[options] <key> [file|folder/|-]')
    .argument('<key>', 'the key; with --recursive a prefix, "/" for everything')
    .argument('[file]', 'where to; a folder with --recursive')
    .option('-r, --recursive', 'Fetch everything below a prefix into a folder.')
    .addOption(concurrency())
    .option('--range <bytes>', 'A part: 0-99, 100- or -100.', byteRange)
    .option('--version-id <id>', 'An older version, as "versions ls" names it.')
    .option('--no-clobber', 'Leave files that are there as they are; that is no failure.')
    .addHelpText(
      'after',
      examples(
        'holdfast get rooms/42/photo.jpg',
        'holdfast get backups/src.tar - | tar t',
        'holdfast get big.bin head.bin --range 0-1023',
        'holdfast get --recursive docs/ ./site',
      ),
    )
    .action((key: string, file: string | undefined, _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/get.js')).get(context, key, file, command.opts()),
      ),
    )
}
