import { type Environment, type StorageConfig, type Variable } from '../config.js';
/** Where a setting's value comes from. */
export type Origin = {
    readonly kind: 'flag';
    readonly name: string;
} | {
    readonly kind: 'environment';
    readonly name: string;
} | {
    readonly kind: 'file';
    readonly name: string;
    readonly path: string;
} | {
    readonly kind: 'default';
};
/** A variable with the text that decides it, and where that stands; no text for a default. */
export interface Setting {
    readonly property: keyof StorageConfig;
    readonly variable: Variable;
    readonly text?: string;
    readonly origin: Origin;
}
/** Values given on the command line, by the variable they stand for. */
export type FlagValues = ReadonlyMap<string, {
    readonly flag: string;
    readonly text: string;
}>;
/** A file of variables that was read. */
export interface EnvFile {
    readonly path: string;
    readonly values: Environment;
}
/**
 * Reads a file of variables (`NAME=value` lines, as of `.env`).
 *
 * @param given the file to read; unless given, `.env` in the current folder if there is one
 * @throws StorageError `CONFIG_INVALID` if it cannot be read
 */
export declare function readEnvFile(given: string | undefined): EnvFile | undefined;
/** Every variable with what decides it: a flag, else the environment, else the file, else its default. */
export declare function resolveSettings(flags: FlagValues, env: Environment, file: EnvFile | undefined): Setting[];
/**
 * The configuration that the settings come to.
 *
 * @throws StorageError `CONFIG_INVALID` that names every wrong setting as the person gave it: by its flag, or by
 *   its variable and the file it stands in
 */
export declare function configOf(settings: readonly Setting[]): StorageConfig;
/** All texts of the settings that must not be shown. */
export declare function secretsOf(settings: readonly Setting[]): string[];
