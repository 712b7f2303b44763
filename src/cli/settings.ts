import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import {
  type Environment,
  findVariable,
  loadConfig,
  type StorageConfig,
  VARIABLES,
  type Variable,
} from '../config.js'
import { StorageError } from '../core/errors.js'
import { isSystemError } from './failure.js'

/** Where a setting's value comes from. */
export type Origin =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | { readonly kind: 'default' }

/** A variable with the text that decides it, and where that stands; no text for a default. */
export interface Setting {
  readonly property: keyof StorageConfig
  readonly variable: Variable
  readonly text?: string
  readonly origin: Origin
}

/** Values given on the command line, by the variable they stand for. */
export type FlagValues = ReadonlyMap<string, { readonly flag: string; readonly text: string }>

/** A file of variables that was read. */
export interface EnvFile {
  readonly path: string
  readonly values: Environment
}

/**
 * Reads a file of variables (`NAME=value` lines, as of `.env`).
 *
 * @param given the file to read; unless given, `.env` in the current folder if there is one
 * @throws StorageError `CONFIG_INVALID` if it cannot be read
 */
export function readEnvFile(given: string | undefined): EnvFile | undefined {
  const path = resolve(given ?? '.env')
  try {
    const values = parseEnv(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
    return { path, values }
  } catch (cause) {
    const code = isSystemError(cause) ? cause.code : String(cause)
    // Nobody asked for ./.env, and a folder of that name is something else.
    if (given === undefined && (code === 'ENOENT' || code === 'EISDIR')) return undefined
    const message = `The file of variables ${path} cannot be read: ${code}.`
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'config', message, cause })
  }
}

/** Every variable with what decides it: a flag, else the environment, else the file, else its default. */
export function resolveSettings(flags: FlagValues, env: Environment, file: EnvFile | undefined): Setting[] {
  return Object.entries(VARIABLES).map(([name, variable]) => {
    const property = name as keyof StorageConfig
    const flag = flags.get(variable.name)
    if (flag !== undefined)
      return { property, variable, text: flag.text, origin: { kind: 'flag', name: flag.flag } }
    const set = findVariable(variable, env)
    if (set !== undefined)
      return { property, variable, text: set.text, origin: { kind: 'environment', name: set.name } }
    const read = file === undefined ? undefined : findVariable(variable, file.values)
    if (read === undefined || file === undefined) return { property, variable, origin: { kind: 'default' } }
    return { property, variable, text: read.text, origin: { kind: 'file', name: read.name, path: file.path } }
  })
}

/**
 * The configuration that the settings come to.
 *
 * @throws StorageError `CONFIG_INVALID` that names every wrong setting as the person gave it: by its flag, or by
 *   its variable and the file it stands in
 */
export function configOf(settings: readonly Setting[]): StorageConfig {
  const env = Object.fromEntries(settings.map(({ variable, text }) => [variable.name, text]))
  try {
    return loadConfig(env)
  } catch (error) {
    if (!StorageError.is(error, 'CONFIG_INVALID')) throw error
    const origins = new Map(settings.map(({ variable, origin }) => [variable.name, origin]))
    const message = error.message.replace(/^( *)([A-Z_]+): /gm, (_, indent: string, name: string) => {
      return `${indent}${givenAs(name, origins.get(name))}: `
    })
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'config', message })
  }
}

/** All texts of the settings that must not be shown. */
export function secretsOf(settings: readonly Setting[]): string[] {
  return settings.flatMap(({ variable, text }) => {
    if (variable.secret === undefined || text === undefined) return []
    return [text, ...text.split(',').map(part => part.trim())]
  })
}

function givenAs(name: string, origin: Origin | undefined): string {
  if (origin === undefined || origin.kind === 'default') return name
  return origin.kind === 'file' ? `${origin.name} (in ${origin.path})` : origin.name
}
