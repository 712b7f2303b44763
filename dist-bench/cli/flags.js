import { Option } from 'commander';
import { VARIABLES } from '../config.js';
const EVERYWHERE = [
    { flags: '--local-path <folder>', property: 'localStoragePath' },
    { flags: '--provider <name>', property: 'objectStorageProvider' },
    { flags: '--bucket <name>', property: 'objectStorageBucket' },
    { flags: '--endpoint <url>', property: 'objectStorageEndpoint' },
    { flags: '--region <name>', property: 'objectStorageRegion' },
];
const OF_THE_SERVER = [
    { flags: '--host <address>', property: 'host' },
    { flags: '--port <number>', property: 'port' },
];
const PUBLIC_URL = { flags: '--public-url <url>', property: 'publicUrl' };
const RULES = { flags: '--rules <file>', property: 'lifecycleRules' };
/** Gives a program the flags that every verb takes. */
export function addGlobalFlags(program) {
    program.option('--env-file <file>', 'Read variables from this file, not from ./.env.');
    program.option('--json', 'Answer in JSON: one object, or one a line for lists; errors too, on stderr.');
    program.option('-q, --quiet', 'Say nothing but data, warnings and errors.');
    for (const flag of EVERYWHERE)
        program.addOption(optionOf(flag));
}
/** Gives a verb the flags of the server's address. */
export function addServerFlags(command) {
    for (const flag of [...OF_THE_SERVER, PUBLIC_URL])
        command.addOption(optionOf(flag));
    return command;
}
/** Gives a verb the flag of the address that signed URLs begin with. */
export function addPublicUrlFlag(command) {
    return command.addOption(optionOf(PUBLIC_URL));
}
/** Gives a verb the flag of the file of lifecycle rules. */
export function addRulesFlag(command) {
    return command.addOption(optionOf(RULES));
}
/** The values of all flags that set a variable, as they were given to a verb and to the program. */
export function flagValues(command) {
    const given = command.optsWithGlobals();
    const values = new Map();
    for (const flag of [...EVERYWHERE, ...OF_THE_SERVER, PUBLIC_URL, RULES]) {
        const option = optionOf(flag);
        const text = given[option.attributeName()];
        if (typeof text === 'string')
            values.set(VARIABLES[flag.property].name, { flag: option.long ?? '', text });
    }
    const provider = values.get(VARIABLES.objectStorageProvider.name);
    // Whoever names a provider wants it used.
    if (provider !== undefined)
        values.set(VARIABLES.objectStorageEnabled.name, { flag: provider.flag, text: 'true' });
    return values;
}
function optionOf({ flags, property }) {
    const { name, description } = VARIABLES[property];
    if (property !== 'objectStorageProvider')
        return new Option(flags, `${description} (${name})`);
    return new Option(flags, `${description} Turns object storage on. (${name})`).choices([
        's3',
        'minio',
        'local',
    ]);
}
//# sourceMappingURL=flags.js.map