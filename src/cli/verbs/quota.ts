import { Argument, type Command } from 'commander'
import type { QuotaAction } from '../commands/quota.js'
import { byteCount, count } from '../parse.js'
import { examples, type Perform } from './common.js'

const QUOTA_ACTIONS: readonly QuotaAction[] = ['ls', 'set', 'rm', 'recount']

/** The verb quota. */
export function addQuota(program: Command, perform: Perform): void {
  program
    .command('quota')
    .summary('Show and set what may lie below prefixes.')
    .description(
      'Show and set quotas: how many bytes and files may lie below a prefix. ls: list them, with what is used. set: make one, or give it other limits; what is there is counted first. rm: end them; files stay. recount: count anew by listing, those named or all. Exits with 6 if a recount finds other numbers than were known.',
    )
    .usage('[options] <ls|set|rm|recount> [prefix...]')
    .addArgument(new Argument('<action>').choices(QUOTA_ACTIONS))
    .argument('[prefix...]', 'the start of keys, with "/" at its end')
    .option('--max-bytes <size>', 'set: bytes that may lie there, such as 10GiB.', byteCount)
    .option('--max-files <n>', 'set: files that may lie there.', count(0, 999_999_999_999_999))
    .addHelpText(
      'after',
      examples(
        'holdfast quota set rooms/42/ --max-bytes 1GiB --max-files 10000',
        'holdfast quota ls',
        "holdfast quota ls --json | jq 'select(.bytes > 0.9 * .maxBytes) | .prefix'",
        'holdfast quota recount rooms/42/',
      ),
    )
    .action((action: QuotaAction, prefixes: string[], _options, command: Command) =>
      perform(command, async context =>
        (await import('../commands/quota.js')).quota(context, action, prefixes, command.opts()),
      ),
    )
}
