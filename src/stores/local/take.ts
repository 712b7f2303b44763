import type { Attributes } from '../../core/attributes.js'
import type { Key } from '../../core/key.js'
import type { Stamp } from '../../core/stamp.js'
import { type DurableFile, ifThere } from './bytes.js'
import { FileSource } from './file-source.js'
import { systemCode } from './files.js'
import type { Root } from './root.js'
import { NO_LINKS } from './tree.js'

/** What an object is to carry that was acknowledged elsewhere in the folder. */
export interface Taken {
  readonly writeId: string
  readonly stamp: Stamp
  /** Milliseconds since the epoch. */
  readonly lastModified: number
  /** Lower-case hex; what the bytes are known to have. */
  readonly sha256: string
  readonly attributes: Attributes
}

/** Gives a durable file one more name, in this process's staging folder; a copy, where the filesystem has no links. */
export async function nameToTake(
  root: Root,
  path: string,
  key: Key,
  { writeId, sha256 }: Taken,
): Promise<DurableFile> {
  const { bytes, files, placer, processId, tmpPath } = root
  const staged = placer.tree.stagedPath(processId, writeId)
  // Of an attempt that failed.
  await ifThere(files.unlink(staged))
  try {
    await files.link(path, staged)
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error) ?? '')) throw error
    const fd = await files.openToRead(path)
    try {
      const source = new FileSource(files, fd, (await files.fstat(fd)).size, key)
      return await bytes.write(tmpPath, writeId, source, { op: 'take', key, sha256 })
    } finally {
      await files.close(fd)
    }
  }
  await bytes.syncFolder(tmpPath)
  return { identity: await files.lstat(staged), sha256 }
}
