import type { Command } from 'commander'
import { concurrency, examples, type Perform } from './common.js'

/** The verbs keep, sweep. */
export function addExpiry(program: Command, perform: Perform): void {
  program
    .command('keep')
    .summary('Keep files that were to expire.')
    .description(
      'Keep files that were stored with --expires: they do not expire any more. A file that does not expire stays as it is; one that has expired is not there. Works while the object store is away, for what was stored through this storage folder.',
    )
    .usage('[options] <key...>')
    .argument('<key...>', 'the keys')
    .addOption(concurrency())
    .addHelpText('after', examples('holdfast keep rooms/42/photo.jpg'))
    .action((keys: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/keep.js')).keep(context, keys, command.opts()),
      ),
    )

  program
    .command('sweep')
    .summary('Remove what has expired, now.')
    .description(
      'Remove files that have expired. They are gone for readers in any case; this frees their space at once, where no server runs that does it by itself. Exits with 5 if some is left, since the object store is away.',
    )
    .addHelpText('after', examples('holdfast sweep'))
    .action((_options, command: Command) =>
      perform(command, async context => (await import('../commands/sweep.js')).sweep(context)),
    )
}
