import { Argument } from 'commander';
import { addServerFlags } from '../flags.js';
import { examples } from './common.js';
/** The verb serve. */
export function addServing(program, perform) {
    addServerFlags(program.command('serve'))
        .summary('Serve the storage over HTTP.')
        .description('Serve the storage over HTTP until interrupted. Creates the storage folder.')
        .option('--log-requests', 'Log every request, not only warnings and errors.')
        .addHelpText('after', examples('holdfast serve', 'holdfast serve --port 9000 --log-requests'))
        .action((_options, command) => perform(command, async (context) => (await import('../commands/serve.js')).serve(context, command.opts())));
}
const BUCKET_ACTIONS = ['show', 'create', 'versioning', 'cors'];
/** The verb bucket. */
export function addBucket(program, perform) {
    program
        .command('bucket')
        .summary('Show how the bucket is set up, and set it up.')
        .description('Show and set up the configured bucket. show (unless given): public access, versioning and CORS rules. create: make it if it is not there, and block all public access. versioning: keep old versions of files (on), or no new ones (off). cors: let pages of an origin use presigned URLs; rules of others stay.')
        .usage('[options] [show|create|versioning|cors] [on|off]')
        .addArgument(new Argument('[action]').choices(BUCKET_ACTIONS).default('show'))
        .argument('[value]', 'versioning: on or off')
        .option('--versioning', 'create: keep the versions of files.')
        .option('--allow-public', 'create: leave public access to policies and ACLs.')
        .option('--origin <origin...>', 'cors: origins of pages, such as https://chat.example.')
        .option('--remove', 'cors: remove our rule.')
        .addHelpText('after', examples('holdfast bucket', 'holdfast bucket create --versioning', 'holdfast bucket cors --origin https://chat.example http://localhost:3000'))
        .action((action, value, _options, command) => perform(command, async (context) => (await import('../commands/bucket.js')).bucket(context, action, value, command.opts())));
}
//# sourceMappingURL=serving.js.map