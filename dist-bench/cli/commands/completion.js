import { bashScript, fishScript, zshScript } from '../completion-scripts.js';
import { EXIT, usageError } from '../failure.js';
const SCRIPTS = {
    bash: bashScript,
    zsh: zshScript,
    fish: fishScript,
};
/** Prints a script that completes the command line of `program` in a shell. */
export async function completion(context, shell, program) {
    const script = SCRIPTS[shell];
    if (script === undefined)
        throw usageError(`There is no completion for ${shell}; accepted: bash, zsh, fish.`);
    await context.output.write(script(treeOf(program)));
    return EXIT.ok;
}
/** The verbs and flags of a program, as its help shows them. */
export function treeOf(program) {
    const help = program.createHelp();
    const commands = help.visibleCommands(program);
    const verbNames = commands.map(command => command.name());
    const flagsOf = (command) => help.visibleOptions(command).flatMap(option => flagOf(option) ?? []);
    const verbs = commands.map((command) => {
        const choices = command.name() === 'help' ? verbNames : (command.registeredArguments[0]?.argChoices ?? []);
        const description = help.subcommandDescription(command).replace(/\. .*/s, '.');
        return { name: command.name(), description, flags: flagsOf(command), choices };
    });
    return { name: program.name(), flags: flagsOf(program), verbs };
}
function flagOf(option) {
    if (option.long == null)
        return undefined;
    return {
        long: option.long,
        short: option.short ?? undefined,
        description: option.description,
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
    };
}
//# sourceMappingURL=completion.js.map