import { Argument, Option } from 'commander';
import { SCENARIOS, USUAL_SCENARIOS } from '../../operations/drill/scenarios.js';
import { count, seconds } from '../parse.js';
import { dryRun, examples } from './common.js';
const SPOOL_ACTIONS = ['ls', 'retry', 'conflicts', 'resolve', 'drain'];
/** The verb spool. */
export function addSpool(program, perform) {
    program
        .command('spool')
        .summary('Show what waits for the object store, and help it along.')
        .description('Show and manage what was taken on the local disk for an object store that was away. ls: list the entries. retry: try parked entries again, those named or all. conflicts: list files of which two versions exist. resolve: end conflicts by their ids. drain: wait until the object store holds everything; exits with 5 if it does not in time.')
        .usage('[options] <ls|retry|conflicts|resolve|drain> [name...]')
        .addArgument(new Argument('<action>').choices(SPOOL_ACTIONS))
        .argument('[name...]', 'retry: keys; resolve: ids of conflicts')
        .option('--timeout <time>', 'drain: how long to wait; 10m unless given.', seconds)
        .addOption(new Option('--keep <version>', "resolve: the version that stays: the object store's, or the one kept here.").choices(['current', 'kept']))
        .addHelpText('after', examples('holdfast spool ls', 'holdfast spool retry rooms/42/photo.jpg', 'holdfast spool resolve 6f1c… --keep kept', 'holdfast spool drain --timeout 1h'))
        .action((action, names, _options, command) => perform(command, async (context) => (await import('../commands/spool.js')).spool(context, action, names, command.opts())));
}
/** The verb detach. */
export function addDetach(program, perform) {
    program
        .command('detach')
        .summary('Make the storage folder a store of its own again.')
        .description('End that the storage folder is the net of a bucket: to go on with local files alone, or because that bucket is gone for good. Touches nothing in the bucket. No other process may use the folder. Exits with 5 if something still waits for the bucket.')
        .option('--abandon', 'Also if something waits: list what will differ and ask, then keep it here, as files of the folder.')
        .option('-y, --yes', 'Do not ask.')
        .addOption(dryRun())
        .addHelpText('after', examples('holdfast detach', 'holdfast detach --abandon --dry-run', 'holdfast detach --abandon --yes'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/detach.js')).detach(context, command.opts())));
}
/** The verb drill. */
export function addDrill(program, perform) {
    program
        .command('drill')
        .summary('Rehearse outages of the object store.')
        .description('Rehearse outages of the configured object store, one after the other, while files are written, overwritten, read, listed and deleted; then compare the bucket with what was acknowledged. Works below a prefix of its own in the bucket, with a storage folder of its own, and removes both. Exits with 6 when a write failed or something differs.')
        .option('--seconds <n>', 'How long each outage lasts.', count(1, 86_400), 15)
        .option('--rate <n>', 'Operations a second.', count(1, 1000), 20)
        .addOption(new Option('--scenario <name...>', `Rehearse these outages, in this order; the first ${USUAL_SCENARIOS.length} unless given.`).choices([...SCENARIOS.keys()]))
        .option('--seed <n>', 'Decide chance as in the drill that told this seed.', count(0, 4_294_967_295))
        .option('--timeout <time>', 'How long to wait until the bucket holds everything.', seconds, 300)
        .addHelpText('after', examples('holdfast drill', 'holdfast drill --seconds 60 --rate 50', 'holdfast drill --scenario hang --scenario lost-answers --json | jq .passed'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/drill.js')).drill(context, command.opts())));
}
//# sourceMappingURL=outages.js.map