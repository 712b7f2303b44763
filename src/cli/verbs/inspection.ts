import { Argument, type Command } from 'commander'
import type { QuarantineAction } from '../commands/quarantine.js'
import { dryRun, examples, type Perform } from './common.js'

const ACTIONS: readonly QuarantineAction[] = ['ls', 'show', 'release', 'rm']

/** The verb quarantine. */
export function addQuarantine(program: Command, perform: Perform): void {
  program
    .command('quarantine')
    .summary('List, release or remove what inspection holds back.')
    .description(
      'Manage the uploads that inspection holds in quarantine, where nobody reads them by their keys. ls: list them, the oldest first. show: tell everything that is known of them, and where their bytes lie. release: store them under their keys, as if they had been allowed; refused where the key was written since, unless --overwrite. rm: remove them for good; asks before removing several.',
    )
    .usage('[options] <ls|show|release|rm> [id...]')
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('[id...]', 'show, release, rm: the ids, as ls lists them')
    .option('--overwrite', 'release: also over what was stored under the key since.')
    .option('--all', 'rm: everything in quarantine.')
    .option('-y, --yes', 'rm: do not ask.')
    .addOption(dryRun())
    .addHelpText(
      'after',
      examples(
        'holdfast quarantine ls',
        'holdfast quarantine show 0mwutqeiz-399cd26ace68',
        'holdfast quarantine release 0mwutqeiz-399cd26ace68',
        'holdfast quarantine rm --all --yes',
        'holdfast quarantine ls --json | jq -r \'select(.reason == "Eicar-Test-Signature").id\'',
      ),
    )
    .action((action: QuarantineAction, ids: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/quarantine.js')).quarantine(context, action, ids, command.opts()),
      ),
    )
}
