import { Argument } from 'commander';
import { addRulesFlag } from '../flags.js';
import { moment } from '../parse.js';
import { dryRun, examples } from './common.js';
const ACTIONS = ['show', 'diff', 'apply', 'simulate', 'run'];
/** The verb lifecycle. */
export function addLifecycle(program, perform) {
    addRulesFlag(program.command('lifecycle'))
        .summary('Let files expire or move to cheaper storage by rules.')
        .description('Keep the rules by which files age. show (unless given): the rules in force, ours and those of others. diff: what apply would change; exits with 6 if that is anything. apply: give the bucket the rules of the file; those of others stay, and ours that the file has no more are removed. simulate: list what the rules would remove or move, and touch nothing. run: remove now what the rules let go of local files, which Holdfast else does by itself every day.')
        .usage('[options] [show|diff|apply|simulate|run]')
        .addArgument(new Argument('[action]').choices(ACTIONS).default('show'))
        .option('--at <time>', 'simulate: as if it were then, such as 2027-01-31 (UTC).', moment)
        .option('--totals', 'simulate, run: no files, only how many of them and how many bytes.')
        .option('-y, --yes', 'apply: do not ask before rules are removed.')
        .addOption(dryRun())
        .addHelpText('after', examples('holdfast lifecycle', 'holdfast lifecycle diff --rules lifecycle.yaml', 'holdfast lifecycle apply --rules lifecycle.yaml', 'holdfast lifecycle simulate --rules lifecycle.yaml --at 2027-01-31 --totals'))
        .action((action, _options, command) => perform(command, async (context) => (await import('../commands/lifecycle.js')).lifecycle(context, action, command.opts())));
}
//# sourceMappingURL=lifecycle.js.map