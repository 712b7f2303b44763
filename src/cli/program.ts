import { type Command, createCommand } from 'commander'
import { addGlobalFlags } from './flags.js'
import { addAgeing } from './verbs/ageing.js'
import type { Perform } from './verbs/common.js'
import { addErase } from './verbs/erase.js'
import { addExpiry } from './verbs/expiry.js'
import { addExport } from './verbs/export.js'
import { addFileVerbs } from './verbs/files.js'
import { addQuarantine } from './verbs/inspection.js'
import { addLifecycle } from './verbs/lifecycle.js'
import { addMigration } from './verbs/migration.js'
import { addDetach, addDrill, addSpool } from './verbs/outages.js'
import { addQuota } from './verbs/quota.js'
import { addBucket, addServing } from './verbs/serving.js'
import { addTransfers } from './verbs/transfers.js'
import { addCompletion, addDoctor, addFsck, addInspection, addTestEndpoint } from './verbs/upkeep.js'
import { addVersions } from './verbs/versions.js'

/**
 * The whole command line: verbs, arguments, options and help. What a verb does is loaded when it is run, so that
 * `--help` and completion load none of it.
 */
export function createProgram(version: string, perform: Perform): Command {
  const program = createCommand('holdfast')
    .description('Object storage over Amazon S3, MinIO, any S3-compatible server, or local files.')
    .version(version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Explain the command.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', FOOTER)
  addGlobalFlags(program)
  for (const [heading, groups] of Object.entries(GROUPS)) {
    program.commandsGroup(`${heading}:`)
    for (const add of groups) add(program, perform)
  }
  program.helpCommand('help [command]', 'Explain a command.')
  return program
}

/** The verbs as the help shows them. */
const GROUPS: Readonly<Record<string, readonly ((program: Command, perform: Perform) => void)[]>> = {
  Serving: [addServing],
  Files: [addTransfers, addFileVerbs],
  'How files age': [addExpiry, addVersions, addErase, addAgeing, addLifecycle, addQuota, addQuarantine],
  'Between stores': [addMigration, addExport],
  'When the object store is away': [addSpool, addDetach, addDrill],
  'Looking after it': [addInspection, addDoctor, addTestEndpoint, addFsck, addBucket, addCompletion],
}

const FOOTER = `
Examples:
  $ holdfast serve                              serve ./uploads on http://127.0.0.1:8080
  $ holdfast put photo.jpg rooms/42/            store a file as rooms/42/photo.jpg
  $ holdfast ls --long rooms/
  $ holdfast get rooms/42/photo.jpg -  > copy.jpg
  $ holdfast --provider minio --endpoint http://localhost:9000 --bucket chat ls

Settings come from flags, else the environment, else --env-file or ./.env; "holdfast config" shows them all.
Exit codes: 0 ok, 1 failed, 2 usage or configuration, 3 not found, 4 unavailable, 5 partly done,
6 differences found, 130 interrupted.`
