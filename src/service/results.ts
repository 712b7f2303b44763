import type { StorageConfig } from '../config.js'
import { encodeKey, type Key } from '../core/key.js'
import type { ListedObject, ObjectStat } from '../core/store.js'
import type { FileStat, ListedFile, UploadResult } from '../storage.js'
import type { Backend } from './backend.js'
import { isFallback } from './health.js'

/** What users see of a listed object. */
export function listedFile(object: ListedObject): ListedFile {
  const { key, size, etag, lastModified, storageClass } = object
  return {
    key,
    size,
    etag,
    lastModified,
    pending: false,
    ...(storageClass !== undefined && { storageClass }),
  }
}

/** What users see of an object: everything but Holdfast's own bookkeeping. */
export function fileStat(stat: ObjectStat): FileStat {
  const { writeId, stamp, path, tags, ...visible } = stat
  return { ...visible, pending: false }
}

/** What users are told of a write. */
export function uploadResult(backend: Backend, config: StorageConfig, stat: ObjectStat): UploadResult {
  const common = {
    success: true,
    key: stat.key,
    url: uploadUrl(backend, config, stat.key),
    size: stat.size,
    etag: stat.etag,
    contentType: stat.contentType,
    ...(stat.sha256 !== undefined && { sha256: stat.sha256 }),
    ...(stat.versionId !== undefined && { versionId: stat.versionId }),
  } as const
  return backend.provider === 'local'
    ? {
        ...common,
        fallback: isFallback(config),
        provider: 'local',
        ...(stat.path !== undefined && { path: stat.path }),
      }
    : { ...common, fallback: false, provider: backend.provider, bucket: config.objectStorageBucket }
}

function uploadUrl(backend: Backend, config: StorageConfig, key: Key): string {
  if (backend.objectUrl === undefined) return `/uploads/${encodeKey(key)}`
  const { objectStoragePublicUrl: publicUrl } = config
  return publicUrl === undefined ? backend.objectUrl(key) : `${publicUrl}/${encodeKey(key)}`
}
