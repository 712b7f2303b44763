import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { newKey } from '../core/new-key.js'
import type { SignedAccess } from '../storage.js'
import type { Context } from './context.js'
import { readTags, removeTags, replaceTags } from './file-tags.js'
import { keepFile } from './keep-file.js'
import type { Action } from './options.js'
import { readFile } from './read-file.js'
import { keyOfPath, prefixOfPath } from './target.js'
import { tellThaw, thawFile } from './thaw-file.js'
import { fileNameOf } from './upload-headers.js'
import { deleteFile, storeNewFile, writeFile } from './write-file.js'

/** Answers a request for a file, by a client that may do so. */
type Handle = (
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
) => Promise<void>

/** What a method does, and what it takes. */
interface Operation {
  readonly action: Action
  readonly handle: Handle
}

/** What lies at a URL below `/uploads/`. */
export interface Resource {
  /** What its requests are counted under. */
  readonly template: string
  readonly operations: Readonly<Record<string, Operation>>
}

const read = (handle: Handle): Readonly<Record<string, Operation>> => ({
  GET: { action: 'read', handle },
  HEAD: { action: 'read', handle },
})

const FILE: Resource = {
  template: '/uploads/{key}',
  operations: {
    ...read(readFile),
    PUT: { action: 'write', handle: writeFile },
    DELETE: { action: 'delete', handle: deleteFile },
  },
}

/** Where new files are made. */
const FOLDER: Resource = {
  template: '/uploads/{prefix}/',
  operations: { POST: { action: 'write', handle: storeNewFile } },
}

/** What belongs to a file, by the word of the query that names it. */
const PARTS: Readonly<Record<string, Resource>> = {
  keep: {
    template: '/uploads/{key}?keep',
    operations: { POST: { action: 'write', handle: keepFile } },
  },
  tags: {
    template: '/uploads/{key}?tags',
    operations: {
      ...read(readTags),
      PUT: { action: 'write', handle: replaceTags },
      // The file stays: to take its tags is to change it.
      DELETE: { action: 'write', handle: removeTags },
    },
  },
  thaw: {
    template: '/uploads/{key}?thaw',
    operations: { ...read(tellThaw), POST: { action: 'write', handle: thawFile } },
  },
}

/**
 * What a path under `/uploads/` and its query lead to. Other words of a query mean nothing here, but for `versionId`: the
 * current version is not to be taken for another.
 *
 * @throws StorageError `INVALID_ARGUMENT` for several parts at once; `UNSUPPORTED` for a version
 */
export function resourceOf(path: string, query: string): Resource {
  if (isFolder(path)) return FOLDER
  if (query === '') return FILE
  const words = new URLSearchParams(query)
  if (words.has('versionId')) {
    const message = 'Old versions are not served over HTTP; "versionId" is not accepted.'
    throw new StorageError({ code: 'UNSUPPORTED', op: 'http', message })
  }
  const named = Object.keys(PARTS).filter(name => words.has(name))
  if (named.length > 1) {
    const message = `A request is for one part of a file, and this is for ${named.join(' and ')}.`
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message })
  }
  return PARTS[named[0] ?? ''] ?? FILE
}

/** The methods of a resource, as the header `Allow` tells them. */
export function allowOf({ operations }: Resource): string {
  return [...Object.keys(operations), 'OPTIONS'].join(', ')
}

/** The key that a request is about: the one its path names, or where it makes a new file, a new one. */
export function keyOfRequest(request: IncomingMessage, path: string): Key {
  return isFolder(path) && request.method === 'POST'
    ? newKey(prefixOfPath(path), fileNameOf(request.headers))
    : keyOfPath(path)
}

function isFolder(path: string): boolean {
  return path.endsWith('/')
}
