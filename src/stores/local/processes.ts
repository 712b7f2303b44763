import { join } from 'node:path'
import { type Files, systemCode } from './files.js'

/** The processes that have a folder open, by their ids: each has its staging folder. */
export async function livingProcesses(
  files: Pick<Files, 'readFolder'>,
  ownPath: string,
  isDead: (processId: string) => boolean,
): Promise<string[]> {
  try {
    const entries = await files.readFolder(join(ownPath, 'tmp'))
    return entries.map(entry => entry.name.toString()).filter(id => !isDead(id))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
