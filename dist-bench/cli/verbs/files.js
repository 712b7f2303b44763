import { Option } from 'commander';
import { addPublicUrlFlag } from '../flags.js';
import { count, seconds } from '../parse.js';
import { concurrency, dryRun, examples } from './common.js';
/** The verbs ls, stat, rm, cp, mv, import, presign. */
export function addFileVerbs(program, perform) {
    program
        .command('ls')
        .summary('List files.')
        .description('List files in the order of their keys. What lies behind a "/" is one line unless --recursive.')
        .argument('[prefix]', 'the start of the keys', '')
        .option('-r, --recursive', 'List every file.')
        .option('-l, --long', 'With size and time (UTC).')
        .option('--limit <n>', 'At most so many lines.', count(1, 1_000_000_000))
        .addHelpText('after', examples('holdfast ls', 'holdfast ls -l rooms/42/', 'holdfast ls --recursive --json | jq .size'))
        .action((prefix, _options, command) => perform(command, async (context) => (await import('../commands/ls.js')).ls(context, prefix, command.opts())));
    program
        .command('stat')
        .summary('Tell everything that is known of a file.')
        .description('Tell everything that is known of a file.')
        .argument('<key>')
        .addHelpText('after', examples('holdfast stat rooms/42/photo.jpg'))
        .action((key, _options, command) => perform(command, async (context) => (await import('../commands/stat.js')).stat(context, key)));
    program
        .command('rm')
        .summary('Remove files.')
        .description('Remove files. Asks before removing several, unless --yes; without a terminal --yes is needed.')
        .usage('[options] <key...>')
        .argument('<key...>', 'the keys; with --recursive prefixes')
        .option('-r, --recursive', 'Remove everything below the prefixes; "a" means "a/", never "ab/".')
        .option('-y, --yes', 'Do not ask.')
        .option('-f, --force', 'A file that is not there is no failure.')
        .addOption(concurrency())
        .addOption(dryRun())
        .addHelpText('after', examples('holdfast rm rooms/42/photo.jpg', 'holdfast rm --recursive --dry-run rooms/42/', 'holdfast rm -r --yes tmp/'))
        .action((keys, _options, command) => perform(command, async (context) => (await import('../commands/rm.js')).rm(context, keys, command.opts())));
    for (const verb of ['cp', 'mv']) {
        const does = verb === 'cp' ? 'Copy' : 'Move';
        program
            .command(verb)
            .summary(`${does} files within the store.`)
            .description(`${does} a file to another key, or below a prefix that ends in "/", without its bytes passing through here.`)
            .argument('<from>', 'the key; with --recursive a prefix')
            .argument('<to>', 'the key or prefix')
            .option('-r, --recursive', `${does} everything below a prefix.`)
            .addOption(concurrency())
            .option('--no-clobber', 'Leave files that are there as they are; that is no failure.')
            .addOption(dryRun())
            .addHelpText('after', examples(`holdfast ${verb} draft.txt final.txt`, `holdfast ${verb} --recursive rooms/42/ archive/42/`))
            .action((from, to, _options, command) => perform(command, async (context) => (await import('../commands/cp.js'))[verb](context, from, to, command.opts())));
    }
    program
        .command('import')
        .summary('Take files that others put into the storage folder.')
        .description('Take files that lie in the storage folder, but were put there by others, as stored files, in place.')
        .usage('[options] [path...]')
        .argument('[path...]', 'files or folders in the storage folder; everything in it unless given')
        .addHelpText('after', examples('holdfast import', 'holdfast import uploads/rooms/42'))
        .action((paths, _options, command) => perform(command, async (context) => (await import('../commands/import.js')).importFiles(context, paths)));
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
        .addHelpText('after', examples('holdfast presign rooms/42/photo.jpg --expires 15m', 'curl -T new.jpg "$(holdfast presign rooms/42/new.jpg --method PUT --public-url http://127.0.0.1:8080)"'))
        .action((key, _options, command) => perform(command, async (context) => (await import('../commands/presign.js')).presign(context, key, command.opts())));
}
//# sourceMappingURL=files.js.map