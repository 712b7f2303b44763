import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { exportFiles } from '../../src/operations/export/index.js'
import type { StorageService } from '../../src/service.js'
import type { S3Stub } from '../../src/testing/s3-stub.js'

/** Content of which any part is found: its mark is repeated. */
export function marked(size = 200): { mark: string; content: Buffer } {
  const mark = randomBytes(12).toString('hex')
  return { mark, content: Buffer.from(`${mark} `.repeat(Math.ceil(size / 25)).slice(0, size)) }
}

/** Every file below a folder in which one of the marks is found. */
export function searchFolder(folder: string, marks: readonly string[]): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if (entry.name === 'ballast') continue
    const bytes = readFileSync(path).toString('latin1')
    for (const mark of marks) if (bytes.includes(mark)) found.push(`${mark} in ${path}`)
  }
  return found
}

/** The marks that are found in a bucket: objects, all versions, and parts of unfinished uploads. */
export function searchBucket(stub: S3Stub, marks: readonly string[]): string[] {
  const bucket = stub.buckets.get('stub')
  const found: string[] = []
  const look = (what: string, bytes: Buffer): void => {
    for (const mark of marks) if (bytes.includes(mark)) found.push(`${mark} in ${what}`)
  }
  for (const key of bucket?.versions.keys(bucket.objects) ?? []) {
    for (const { id, object } of bucket?.versions.of(key, bucket.objects.get(key)) ?? []) {
      look(`${key} ${id}`, object?.bytes ?? Buffer.alloc(0))
    }
  }
  for (const [id, { key, parts }] of bucket?.uploads ?? []) {
    for (const { bytes } of parts.values()) look(`upload ${id} of ${key}`, bytes)
  }
  return found
}

/** The marks that are found in an archive of all that there is. */
export async function searchExport(storage: StorageService, marks: readonly string[]): Promise<string[]> {
  const pieces: Buffer[] = []
  const to = new Writable({ write: (piece, _encoding, done) => done(void pieces.push(piece)) })
  await exportFiles(storage, to, { tags: true })
  const archive = Buffer.concat(pieces).toString('latin1')
  return marks.filter(mark => archive.includes(mark))
}
