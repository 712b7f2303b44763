import { Argument, type Command, Option } from 'commander'
import type { MigrateAction } from '../commands/migrate.js'
import { byteCount, seconds } from '../parse.js'
import { concurrency, dryRun, examples, type Perform } from './common.js'

const STORES = `
A store is named:
  ./uploads, file:///srv/uploads    a folder: a storage folder of Holdfast's; or, to read from, any folder of files
  dir:/srv/files                    a folder of plain files, in which nothing of Holdfast's is kept
  s3://bucket/prefix/               a bucket; ?endpoint=URL, &region=NAME and &path-style=true as needed,
                                    the rest (keys above all) from the settings
  env:old.env                       the store that a file of variables configures, keys included`

/** What names two stores, and the objects that are meant. */
function addSides(command: Command): Command {
  return command
    .option('--from <store>', 'Where objects are taken from; the local storage folder unless given.')
    .option('--to <store>', 'Where they go; the configured store unless given.')
    .option('--prefix <prefix>', 'Only keys that begin so.')
    .option('--include <glob...>', 'Only keys that match, such as "rooms/**" or "*.jpg".')
    .option('--exclude <glob...>', 'Not keys that match.')
    .addOption(concurrency())
    .option('--bandwidth <bytes>', 'Bytes a second at most, such as 20M.', byteCount)
    .option('--patience <time>', 'How long a store that is away is waited for.', seconds, 600)
}

/** Where it is remembered what was done. */
function stateFolder(): Option {
  return new Option(
    '--state <folder>',
    'Where it is remembered what was done; $XDG_STATE_HOME/holdfast/migrations unless given.',
  )
}

/** The verbs migrate, verify, sync. */
export function addMigration(program: Command, perform: Perform): void {
  addSides(
    program
      .command('migrate')
      .usage('[options] [cutover|rollback]')
      .addArgument(
        new Argument('[action]', 'the end of a migration under a running service').choices([
          'cutover',
          'rollback',
        ]),
      ),
  )
    .summary('Copy everything from one store to another.')
    .description(
      'Copy every file from one store to another, with all that it carries, and prove that it is there. The source is only read. What is there already is left out, so that a migration that was broken off is gone on with by the same command. With neither --from nor --to, the files of the storage folder are brought to the configured bucket while services use both; then "cutover" removes the copies in the folder, or "rollback" goes back to the folder. Exits with 5 if some files failed, with 4 if a store was given up.',
    )
    .addOption(
      new Option(
        '--existing <which>',
        'Files that the target has with other bytes: replaced if the source is newer; kept; or replaced.',
      )
        .choices(['newer', 'keep', 'replace'])
        .default('newer'),
    )
    .option('--verify', 'Read every file back from the target.')
    .addOption(stateFolder())
    .option(
      '--delete-source',
      'Copy nothing, but remove from the source what the target is proven to hold. With --verify both sides are read for that.',
    )
    .option('-y, --yes', 'Do not ask.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      `${STORES}\n${examples(
        'holdfast migrate --from ./uploads --to s3://chat --dry-run',
        'holdfast migrate --from env:old.env --to env:new.env --bandwidth 20M',
        'holdfast migrate --from s3://chat --to dir:/backup/chat --exclude "*.tmp" "cache/**"',
        'holdfast migrate --from ./uploads --to s3://chat --delete-source --verify',
      )}`,
    )
    .action((action: MigrateAction | undefined, _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/migrate.js')).migrate(context, action, command.opts()),
      ),
    )

  addSides(program.command('verify'))
    .summary('Compare what two stores hold.')
    .description(
      'Compare what two stores hold, by what is recorded of the bytes of each file; those that lie on this machine are read. Changes nothing. Lists what is missing at the target, what only the target has, and what differs. Exits with 6 if there is anything of it.',
    )
    .option('--quick', 'Compare sizes and times alone, as the listings tell them.')
    .option('--read', 'Read every byte of both sides.')
    .addHelpText(
      'after',
      `${STORES}\n${examples(
        'holdfast verify --from ./uploads --to s3://chat',
        'holdfast verify --from env:chat.env --to dir:/backup/chat --quick',
      )}`,
    )
    .action((_options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/verify.js')).verify(context, command.opts()),
      ),
    )

  addSides(program.command('sync'))
    .summary('Make one store a backup of another.')
    .description(
      'Copy what the target does not have, and what differs, whichever is newer. With --delete also remove what the source does not have: in the end, and if nothing has failed; asks before, unless --yes.',
    )
    .option('--delete', 'Remove from the target what the source does not have.')
    .option('--verify', 'Read back what was copied.')
    .addOption(stateFolder())
    .option('-y, --yes', 'Do not ask.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      `${STORES}\n${examples(
        'holdfast sync --from s3://chat --to /backup/chat',
        'holdfast sync --from env:chat.env --to s3://chat-backup --delete --yes',
      )}`,
    )
    .action((_options, command: Command) =>
      perform(command, async context => (await import('../commands/sync.js')).sync(context, command.opts())),
    )
}
