import { Argument } from 'commander';
import { count } from '../parse.js';
import { examples } from './common.js';
/** The verbs status, config. */
export function addInspection(program, perform) {
    program
        .command('status')
        .summary('Ask the store whether it works.')
        .description('Ask the store whether it works; tell where it is, what it holds, what waits for it, what is wrong and what to do, also as other processes of the storage folder see it. Exits with 4 when it is down or away, with 5 when something waits or is to be decided.')
        .option('-w, --watch', 'Look again every second, until interrupted.')
        .addHelpText('after', examples('holdfast status', 'holdfast status --watch', 'holdfast status --json | jq .state'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/status.js')).status(context, command.opts())));
    program
        .command('config')
        .summary('Show every setting and where it comes from.')
        .description('Show every variable, its value and where that comes from. Secrets are not shown.')
        .addHelpText('after', examples('holdfast config', 'holdfast config --env-file production.env --json'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/config.js')).config(context)));
}
/** The verb doctor. */
export function addDoctor(program, perform) {
    program
        .command('doctor')
        .summary('Find out what is wrong with the storage, and how to mend it.')
        .description('Examine the configured storage point by point: the way to the endpoint, each permission, what the server does with what it is sent, whether presigned URLs work, the storage folder, and what waits in it. Writes small objects of its own under .holdfast/doctor/ and removes them. Exits with 6 if there is a fault.')
        .addHelpText('after', examples('holdfast doctor', 'holdfast doctor --env-file production.env', 'holdfast doctor --json | jq \'select(.state == "fault")\''))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/doctor.js')).doctor(context)));
}
/** The verb test-endpoint. */
export function addTestEndpoint(program, perform) {
    program
        .command('test-endpoint')
        .summary('Try whether an S3 server does all that Holdfast asks of one.')
        .description('Run the conformance suite of stores over the configured bucket, and print a table of what works there. Works below a prefix of its own, and removes what it wrote. Exits with 6 if something does not work.')
        .option('--prefix <prefix>', 'What its keys begin with; holdfast-test-endpoint/ unless given.')
        .option('--seed <n>', "Repeat an earlier run's random choices.", count(0, 2 ** 32 - 1))
        .addHelpText('after', examples('holdfast test-endpoint', 'holdfast test-endpoint --json | tail -n 1'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/test-endpoint.js')).testEndpoint(context, command.opts())));
}
/** The verb fsck. */
export function addFsck(program, perform) {
    program
        .command('fsck')
        .summary('Check the storage folder, and mend what can be mended.')
        .description("Hold the storage folder's ledger, files and journal against each other, and tell what does not agree. Changes nothing unless told to. Safe beside a running server. Exits with 6 if something differs, with 5 if only a part of it was mended.")
        .option('--repair', 'Mend what can be mended without a doubt. No only copy of anything is removed.')
        .option('--hash', 'Read every byte, and compare it with its SHA-256.')
        .option('--rebuild', 'Make a new ledger from the files in the folder, where there is none that can be read. No other process may use the folder.')
        .addHelpText('after', examples('holdfast fsck', 'holdfast fsck --hash --json', 'holdfast fsck --repair'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/fsck.js')).fsck(context, command.opts())));
}
/** The verb completion. */
export function addCompletion(program, perform) {
    program
        .command('completion')
        .summary('Print a completion script for a shell.')
        .description('Print a script that completes the command line in a shell.')
        .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
        .addHelpText('after', examples('source <(holdfast completion bash)             # in ~/.bashrc', 'source <(holdfast completion zsh)              # in ~/.zshrc', 'holdfast completion fish | source              # in ~/.config/fish/config.fish'))
        .action((shell, _options, command) => perform(command, async (context) => (await import('../commands/completion.js')).completion(context, shell, program)));
}
//# sourceMappingURL=upkeep.js.map