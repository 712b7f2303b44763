import { StorageError } from '../core/errors.js';
const LEVELS = ['debug', 'info', 'warn', 'error'];
/** A logger to stderr: a JSON object a line for programs, or a readable line where a person watches. */
export function createLog(output, lowest, readable) {
    const format = readable ? readableLine : jsonLine;
    const at = (level) => LEVELS.indexOf(level) < LEVELS.indexOf(lowest)
        ? () => { }
        : (fields, message) => output.say(format(level, fields, message));
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
/** The names of pino: `level` (as a word), `time`, `msg`. */
function jsonLine(level, fields, message) {
    return JSON.stringify({ level, time: new Date().toISOString(), msg: message, ...fields }, plain);
}
function readableLine(level, fields, message) {
    const time = new Date().toTimeString().slice(0, 8);
    const rest = Object.entries(fields).map(([name, value]) => `  ${name}=${JSON.stringify(value, plain)}`);
    return `${time} ${level.padEnd(5)} ${message}${rest.join('')}`;
}
/** An error as plain data: of one that we do not know, no more than what it says, since it may hold anything. */
function plain(_name, value) {
    if (!(value instanceof Error))
        return value;
    if (StorageError.is(value))
        return value.toJSON();
    return { name: value.name, message: value.message, ...('code' in value && { code: value.code }) };
}
//# sourceMappingURL=log.js.map