import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { findVariable, loadConfig, VARIABLES, } from '../config.js';
import { StorageError } from '../core/errors.js';
import { isSystemError } from './failure.js';
/**
 * Reads a file of variables (`NAME=value` lines, as of `.env`).
 *
 * @param given the file to read; unless given, `.env` in the current folder if there is one
 * @throws StorageError `CONFIG_INVALID` if it cannot be read
 */
export function readEnvFile(given) {
    const path = resolve(given ?? '.env');
    try {
        const values = parseEnv(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
        return { path, values };
    }
    catch (cause) {
        const code = isSystemError(cause) ? cause.code : String(cause);
        // Nobody asked for ./.env, and a folder of that name is something else.
        if (given === undefined && (code === 'ENOENT' || code === 'EISDIR'))
            return undefined;
        const message = `The file of variables ${path} cannot be read: ${code}.`;
        throw new StorageError({ code: 'CONFIG_INVALID', op: 'config', message, cause });
    }
}
/** Every variable with what decides it: a flag, else the environment, else the file, else its default. */
export function resolveSettings(flags, env, file) {
    return Object.entries(VARIABLES).map(([name, variable]) => {
        const property = name;
        const flag = flags.get(variable.name);
        if (flag !== undefined)
            return { property, variable, text: flag.text, origin: { kind: 'flag', name: flag.flag } };
        const set = findVariable(variable, env);
        if (set !== undefined)
            return { property, variable, text: set.text, origin: { kind: 'environment', name: set.name } };
        const read = file === undefined ? undefined : findVariable(variable, file.values);
        if (read === undefined || file === undefined)
            return { property, variable, origin: { kind: 'default' } };
        return { property, variable, text: read.text, origin: { kind: 'file', name: read.name, path: file.path } };
    });
}
/**
 * The configuration that the settings come to.
 *
 * @throws StorageError `CONFIG_INVALID` that names every wrong setting as the person gave it: by its flag, or by
 *   its variable and the file it stands in
 */
export function configOf(settings) {
    const env = Object.fromEntries(settings.map(({ variable, text }) => [variable.name, text]));
    try {
        return loadConfig(env);
    }
    catch (error) {
        if (!StorageError.is(error, 'CONFIG_INVALID'))
            throw error;
        const origins = new Map(settings.map(({ variable, origin }) => [variable.name, origin]));
        const message = error.message.replace(/^( *)([A-Z_]+): /gm, (_, indent, name) => {
            return `${indent}${givenAs(name, origins.get(name))}: `;
        });
        throw new StorageError({ code: 'CONFIG_INVALID', op: 'config', message });
    }
}
/** All texts of the settings that must not be shown. */
export function secretsOf(settings) {
    return settings.flatMap(({ variable, text }) => {
        if (variable.secret === undefined || text === undefined)
            return [];
        return [text, ...text.split(',').map(part => part.trim())];
    });
}
function givenAs(name, origin) {
    if (origin === undefined || origin.kind === 'default')
        return name;
    return origin.kind === 'file' ? `${origin.name} (in ${origin.path})` : origin.name;
}
//# sourceMappingURL=settings.js.map