import { Argument, type Command, createCommand, Option } from 'commander'
import { ENCODINGS } from '../core/compression.js'
import { SCENARIOS, USUAL_SCENARIOS } from '../operations/drill/scenarios.js'
import type { BucketAction } from './commands/bucket.js'
import type { SpoolAction } from './commands/spool.js'
import type { Context } from './context.js'
import { addGlobalFlags, addPublicUrlFlag, addServerFlags } from './flags.js'
import { byteRange, count, pair, seconds } from './parse.js'

/** Runs a verb once the command line has been read; told the verb's command, whose options it needs. */
export type Perform = (command: Command, verb: (context: Context) => Promise<number>) => Promise<void>

/**
 * The whole command line: verbs, arguments, options and help. What a verb does is loaded when it is run, so that
 * `--help` and completion load none of it.
 */
export function createProgram(version: string, perform: Perform): Command {
  const program = createCommand('holdfast')
    .description('Object storage over Amazon S3, MinIO, any S3-compatible server, or local files.')
    .version(version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Explain the command.')
    .helpCommand('help [command]', 'Explain a command.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', FOOTER)
  addGlobalFlags(program)
  addServing(program, perform)
  addTransfers(program, perform)
  addFileVerbs(program, perform)
  addInspection(program, perform)
  addSpool(program, perform)
  addFsck(program, perform)
  addDetach(program, perform)
  addBucket(program, perform)
  addDrill(program, perform)
  addCompletion(program, perform)
  return program
}

const FOOTER = `
Examples:
  $ holdfast serve                              serve ./uploads on http://127.0.0.1:8080
  $ holdfast put photo.jpg rooms/42/            store a file as rooms/42/photo.jpg
  $ holdfast ls --long rooms/
  $ holdfast get rooms/42/photo.jpg -  > copy.jpg
  $ holdfast --provider minio --endpoint http://localhost:9000 --bucket chat ls

Settings come from flags, else the environment, else --env-file or ./.env; "holdfast config" shows them all.
Exit codes: 0 ok, 1 failed, 2 usage or configuration, 3 not found, 4 unavailable, 5 partly done,
6 differences found, 130 interrupted.`

const CONCURRENCY = 16

const BUCKET_ACTIONS: readonly BucketAction[] = ['show', 'create', 'versioning', 'cors']
const SPOOL_ACTIONS: readonly SpoolAction[] = ['ls', 'retry', 'conflicts', 'resolve', 'drain']

function concurrency(): Option {
  return new Option('-c, --concurrency <n>', 'Files at once.').argParser(count(1, 256)).default(CONCURRENCY)
}

function dryRun(): Option {
  return new Option('-n, --dry-run', 'Only tell what would be done.')
}

function addServing(program: Command, perform: Perform): void {
  addServerFlags(program.command('serve'))
    .summary('Serve the storage over HTTP.')
    .description('Serve the storage over HTTP until interrupted. Creates the storage folder.')
    .option('--log-requests', 'Log every request, not only warnings and errors.')
    .addHelpText('after', examples('holdfast serve', 'holdfast serve --port 9000 --log-requests'))
    .action((_options, command: Command) =>
      perform(command, async context => (await import('./commands/serve.js')).serve(context, command.opts())),
    )
}

function addTransfers(program: Command, perform: Perform): void {
  program
    .command('put')
    .summary('Store files, folders or stdin.')
    .description(
      'Store files. The last of several arguments is the key, or with "/" at its end a prefix; without one, a file goes to its own name. Creates the storage folder.',
    )
    .usage('[options] <file...|-> [key]')
    .argument('<file...>', 'files, folders (with --recursive), or - for stdin')
    .option('--to <key>', 'The key or prefix; then every argument is a file.')
    .option('-r, --recursive', 'Store what is in folders; its keys are paths relative to the folder.')
    .option('--follow', 'Follow symbolic links in folders.')
    .addOption(concurrency())
    .option('--content-type <type>', 'Media type; found out from content and name unless given.')
    .option('--file-name <name>', 'The name that downloads are saved under.')
    .option('--metadata <name=value>', 'Metadata to keep with the file; repeat for more.', pair)
    .option('--tag <name=value>', 'A tag; repeat for more.', pair)
    .option('--storage-class <class>', "One of S3's storage classes, such as STANDARD_IA.")
    .addOption(
      new Option(
        '--compress [how]',
        'Store compressed: auto (the default: gzip, where it is worth it), gzip, br or zstd. Readers get the content itself.',
      ).choices(['auto', ...ENCODINGS]),
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
        'holdfast put --recursive ./site docs/',
        'holdfast put --recursive --compress=auto ./logs logs/',
        'holdfast put --to photos/ *.jpg',
      ),
    )
    .action((files: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/put.js')).put(context, files, command.opts()),
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
        (await import('./commands/get.js')).get(context, key, file, command.opts()),
      ),
    )
}

function addFileVerbs(program: Command, perform: Perform): void {
  program
    .command('ls')
    .summary('List files.')
    .description(
      'List files in the order of their keys. What lies behind a "/" is one line unless --recursive.',
    )
    .argument('[prefix]', 'the start of the keys', '')
    .option('-r, --recursive', 'List every file.')
    .option('-l, --long', 'With size and time (UTC).')
    .option('--limit <n>', 'At most so many lines.', count(1, 1_000_000_000))
    .addHelpText(
      'after',
      examples('holdfast ls', 'holdfast ls -l rooms/42/', 'holdfast ls --recursive --json | jq .size'),
    )
    .action((prefix: string, _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/ls.js')).ls(context, prefix, command.opts()),
      ),
    )

  program
    .command('stat')
    .summary('Tell everything that is known of a file.')
    .description('Tell everything that is known of a file.')
    .argument('<key>')
    .addHelpText('after', examples('holdfast stat rooms/42/photo.jpg'))
    .action((key: string, _options, command: Command) =>
      perform(command, async context => (await import('./commands/stat.js')).stat(context, key)),
    )

  program
    .command('rm')
    .summary('Remove files.')
    .description(
      'Remove files. Asks before removing several, unless --yes; without a terminal --yes is needed.',
    )
    .usage('[options] <key...>')
    .argument('<key...>', 'the keys; with --recursive prefixes')
    .option('-r, --recursive', 'Remove everything below the prefixes; "a" means "a/", never "ab/".')
    .option('-y, --yes', 'Do not ask.')
    .option('-f, --force', 'A file that is not there is no failure.')
    .addOption(concurrency())
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples(
        'holdfast rm rooms/42/photo.jpg',
        'holdfast rm --recursive --dry-run rooms/42/',
        'holdfast rm -r --yes tmp/',
      ),
    )
    .action((keys: string[], _options, command: Command) =>
      perform(command, async context => (await import('./commands/rm.js')).rm(context, keys, command.opts())),
    )

  for (const verb of ['cp', 'mv'] as const) {
    const does = verb === 'cp' ? 'Copy' : 'Move'
    program
      .command(verb)
      .summary(`${does} files within the store.`)
      .description(
        `${does} a file to another key, or below a prefix that ends in "/", without its bytes passing through here.`,
      )
      .argument('<from>', 'the key; with --recursive a prefix')
      .argument('<to>', 'the key or prefix')
      .option('-r, --recursive', `${does} everything below a prefix.`)
      .addOption(concurrency())
      .option('--no-clobber', 'Leave files that are there as they are; that is no failure.')
      .addOption(dryRun())
      .addHelpText(
        'after',
        examples(
          `holdfast ${verb} draft.txt final.txt`,
          `holdfast ${verb} --recursive rooms/42/ archive/42/`,
        ),
      )
      .action((from: string, to: string, _options, command: Command) =>
        perform(command, async context =>
          (await import('./commands/cp.js'))[verb](context, from, to, command.opts()),
        ),
      )
  }

  program
    .command('import')
    .summary('Take files that others put into the storage folder.')
    .description(
      'Take files that lie in the storage folder, but were put there by others, as stored files, in place.',
    )
    .usage('[options] [path...]')
    .argument('[path...]', 'files or folders in the storage folder; everything in it unless given')
    .addHelpText('after', examples('holdfast import', 'holdfast import uploads/rooms/42'))
    .action((paths: string[], _options, command: Command) =>
      perform(command, async context => (await import('./commands/import.js')).importFiles(context, paths)),
    )

  addPublicUrlFlag(program.command('presign'))
    .summary('Make a URL for one file.')
    .description('Make a URL that lets its bearer read (or write) one file for a while.')
    .argument('<key>')
    .addOption(new Option('--method <method>', 'What it allows.').choices(['GET', 'PUT']).default('GET'))
    .option('--expires <time>', 'How long it works: 90s, 15m, 1h, 7d (the most).', seconds, 3600)
    .option('--download-as <name>', 'GET: browsers save it under this name.')
    .option('--inline', 'GET: browsers show it.')
    .option('--content-type <type>', 'GET: the type to answer with. PUT: the type that must be sent.')
    .option('--direct', "The bucket's own URL, which ends with an outage of it.")
    .addHelpText(
      'after',
      examples(
        'holdfast presign rooms/42/photo.jpg --expires 15m',
        'curl -T new.jpg "$(holdfast presign rooms/42/new.jpg --method PUT --public-url http://127.0.0.1:8080)"',
      ),
    )
    .action((key: string, _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/presign.js')).presign(context, key, command.opts()),
      ),
    )
}

function addInspection(program: Command, perform: Perform): void {
  program
    .command('status')
    .summary('Ask the store whether it works.')
    .description(
      'Ask the store whether it works; tell where it is, what it holds, what waits for it, what is wrong and what to do, also as other processes of the storage folder see it. Exits with 4 when it is down or away, with 5 when something waits or is to be decided.',
    )
    .option('-w, --watch', 'Look again every second, until interrupted.')
    .addHelpText(
      'after',
      examples('holdfast status', 'holdfast status --watch', 'holdfast status --json | jq .state'),
    )
    .action((_options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/status.js')).status(context, command.opts()),
      ),
    )

  program
    .command('config')
    .summary('Show every setting and where it comes from.')
    .description('Show every variable, its value and where that comes from. Secrets are not shown.')
    .addHelpText('after', examples('holdfast config', 'holdfast config --env-file production.env --json'))
    .action((_options, command: Command) =>
      perform(command, async context => (await import('./commands/config.js')).config(context)),
    )
}

function addSpool(program: Command, perform: Perform): void {
  program
    .command('spool')
    .summary('Show what waits for the object store, and help it along.')
    .description(
      'Show and manage what was taken on the local disk for an object store that was away. ls: list the entries. retry: try parked entries again, those named or all. conflicts: list files of which two versions exist. resolve: end conflicts by their ids. drain: wait until the object store holds everything; exits with 5 if it does not in time.',
    )
    .usage('[options] <ls|retry|conflicts|resolve|drain> [name...]')
    .addArgument(new Argument('<action>').choices(SPOOL_ACTIONS))
    .argument('[name...]', 'retry: keys; resolve: ids of conflicts')
    .option('--timeout <time>', 'drain: how long to wait; 10m unless given.', seconds)
    .addOption(
      new Option(
        '--keep <version>',
        "resolve: the version that stays: the object store's, or the one kept here.",
      ).choices(['current', 'kept']),
    )
    .addHelpText(
      'after',
      examples(
        'holdfast spool ls',
        'holdfast spool retry rooms/42/photo.jpg',
        'holdfast spool resolve 6f1c… --keep kept',
        'holdfast spool drain --timeout 1h',
      ),
    )
    .action((action: SpoolAction, names: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/spool.js')).spool(context, action, names, command.opts()),
      ),
    )
}

function addFsck(program: Command, perform: Perform): void {
  program
    .command('fsck')
    .summary('Check the storage folder, and mend what can be mended.')
    .description(
      "Hold the storage folder's ledger, files and journal against each other, and tell what does not agree. Changes nothing unless told to. Safe beside a running server. Exits with 6 if something differs, with 5 if only a part of it was mended.",
    )
    .option('--repair', 'Mend what can be mended without a doubt. No only copy of anything is removed.')
    .option('--hash', 'Read every byte, and compare it with its SHA-256.')
    .option(
      '--rebuild',
      'Make a new ledger from the files in the folder, where there is none that can be read. No other process may use the folder.',
    )
    .addHelpText('after', examples('holdfast fsck', 'holdfast fsck --hash --json', 'holdfast fsck --repair'))
    .action((_options, command: Command) =>
      perform(command, async context => (await import('./commands/fsck.js')).fsck(context, command.opts())),
    )
}

function addBucket(program: Command, perform: Perform): void {
  program
    .command('bucket')
    .summary('Show how the bucket is set up, and set it up.')
    .description(
      'Show and set up the configured bucket. show (unless given): public access, versioning and CORS rules. create: make it if it is not there, and block all public access. versioning: keep old versions of files (on), or no new ones (off). cors: let pages of an origin use presigned URLs; rules of others stay.',
    )
    .usage('[options] [show|create|versioning|cors] [on|off]')
    .addArgument(new Argument('[action]').choices(BUCKET_ACTIONS).default('show'))
    .argument('[value]', 'versioning: on or off')
    .option('--versioning', 'create: keep the versions of files.')
    .option('--allow-public', 'create: leave public access to policies and ACLs.')
    .option('--origin <origin...>', 'cors: origins of pages, such as https://chat.example.')
    .option('--remove', 'cors: remove our rule.')
    .addHelpText(
      'after',
      examples(
        'holdfast bucket',
        'holdfast bucket create --versioning',
        'holdfast bucket cors --origin https://chat.example http://localhost:3000',
      ),
    )
    .action((action: BucketAction, value: string | undefined, _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/bucket.js')).bucket(context, action, value, command.opts()),
      ),
    )
}

function addDetach(program: Command, perform: Perform): void {
  program
    .command('detach')
    .summary('Make the storage folder a store of its own again.')
    .description(
      'End that the storage folder is the net of a bucket: to go on with local files alone, or because that bucket is gone for good. Touches nothing in the bucket. No other process may use the folder. Exits with 5 if something still waits for the bucket.',
    )
    .option(
      '--abandon',
      'Also if something waits: list what will differ and ask, then keep it here, as files of the folder.',
    )
    .option('-y, --yes', 'Do not ask.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples('holdfast detach', 'holdfast detach --abandon --dry-run', 'holdfast detach --abandon --yes'),
    )
    .action((_options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/detach.js')).detach(context, command.opts()),
      ),
    )
}

function addDrill(program: Command, perform: Perform): void {
  program
    .command('drill')
    .summary('Rehearse outages of the object store.')
    .description(
      'Rehearse outages of the configured object store, one after the other, while files are written, overwritten, read, listed and deleted; then compare the bucket with what was acknowledged. Works below a prefix of its own in the bucket, with a storage folder of its own, and removes both. Exits with 6 when a write failed or something differs.',
    )
    .option('--seconds <n>', 'How long each outage lasts.', count(1, 86_400), 15)
    .option('--rate <n>', 'Operations a second.', count(1, 1000), 20)
    .addOption(
      new Option(
        '--scenario <name...>',
        `Rehearse these outages, in this order; the first ${USUAL_SCENARIOS.length} unless given.`,
      ).choices([...SCENARIOS.keys()]),
    )
    .option('--seed <n>', 'Decide chance as in the drill that told this seed.', count(0, 4_294_967_295))
    .option('--timeout <time>', 'How long to wait until the bucket holds everything.', seconds, 300)
    .addHelpText(
      'after',
      examples(
        'holdfast drill',
        'holdfast drill --seconds 60 --rate 50',
        'holdfast drill --scenario hang --scenario lost-answers --json | jq .passed',
      ),
    )
    .action((_options, command: Command) =>
      perform(command, async context => (await import('./commands/drill.js')).drill(context, command.opts())),
    )
}

function addCompletion(program: Command, perform: Perform): void {
  program
    .command('completion')
    .summary('Print a completion script for a shell.')
    .description('Print a script that completes the command line in a shell.')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        'source <(holdfast completion bash)             # in ~/.bashrc',
        'source <(holdfast completion zsh)              # in ~/.zshrc',
        'holdfast completion fish | source              # in ~/.config/fish/config.fish',
      ),
    )
    .action((shell: string, _options, command: Command) =>
      perform(command, async context =>
        (await import('./commands/completion.js')).completion(context, shell, program),
      ),
    )
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}`
}
