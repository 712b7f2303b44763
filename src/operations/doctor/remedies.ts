import type { ErrorCode } from '../../core/errors.js'

/** What stands behind an error code, and what to do about it. */
export interface Remedy {
  readonly cause: string
  readonly remedy: string
}

/** Every error code, with what usually causes it and what mends it. docs/TROUBLESHOOTING.md is made of it. */
export const REMEDIES: Readonly<Record<ErrorCode, Remedy>> = {
  INVALID_KEY: {
    cause:
      'The key breaks a rule: empty, longer than 1024 bytes, a leading "/", an empty, "." or ".." segment, a backslash, a control character, or a name below ".holdfast/".',
    remedy:
      'Make keys of your own (an id and an extension), and keep the name that a person gave the file in `fileName`.',
  },
  INVALID_ARGUMENT: {
    cause:
      'An argument is wrong, or the content does not have the `size` or `sha256` that was declared for it.',
    remedy: 'The message names the argument, what was got and what is accepted.',
  },
  UNSUPPORTED: {
    cause: 'The store, or the server behind it, cannot do what was asked.',
    remedy: 'Do without it, or use a server that can: `holdfast doctor` lists what this one does.',
  },
  CONFIG_INVALID: {
    cause:
      'A setting is wrong, the bucket is in another region, or the storage folder is in a state that a person must mend.',
    remedy:
      'The message names the setting or the folder. `holdfast config` shows every setting and where it comes from; `holdfast fsck` looks into the folder.',
  },
  NOT_FOUND: {
    cause: 'There is no such object. An outage is never told as this.',
    remedy:
      'Nothing is broken. `holdfast ls` shows the keys that there are; keys are compared byte for byte.',
  },
  ALREADY_EXISTS: {
    cause: 'A create-only upload (`ifNoneMatch: "*"`) found an object under the key.',
    remedy: 'Choose another key, or upload without the condition to replace it.',
  },
  PRECONDITION_FAILED: {
    cause: 'The object is not the one that the condition names: somebody has changed it.',
    remedy: 'Read it again, and decide anew with its present ETag.',
  },
  RANGE_NOT_SATISFIABLE: {
    cause: 'The range begins past the end of the object.',
    remedy: 'Ask for a range within the size that `statFile` tells.',
  },
  TOO_LARGE: {
    cause: 'The content is larger than `maxBytes`, `HOLDFAST_MAX_UPLOAD_BYTES`, or what the server takes.',
    remedy: 'Raise the limit that the message names, or refuse such files before they are sent.',
  },
  QUOTA_EXCEEDED: {
    cause: 'A quota is used up: one of yours, or one that the object store has.',
    remedy: 'Delete what is not needed, or raise the quota.',
  },
  REJECTED: {
    cause: 'Inspection does not allow the content: the message says why, such as the name of a signature.',
    remedy: 'Nothing is broken. If the file is good, see to the inspector, and upload it again.',
  },
  QUARANTINED: {
    cause: 'Inspection does not allow the content, and holds it where nobody reads it.',
    remedy: '`holdfast quarantine show` tells why; `release` stores it after all, `rm` removes it.',
  },
  INTEGRITY: {
    cause:
      'Stored bytes are not those that were written: a damaged disk, or something between here and the object store that changes them.',
    remedy:
      'Run `holdfast fsck --hash` for local files, and `holdfast doctor` for the way to the bucket. Do not delete anything before.',
  },
  UNAVAILABLE: {
    cause: 'The object store cannot be reached, or something answers in its place.',
    remedy:
      'Uploads are taken on the local disk meanwhile. `holdfast doctor` says what is wrong on the way to it: name, port, certificate, or a proxy.',
  },
  TIMEOUT: {
    cause: 'The object store accepts connections and does not answer in time.',
    remedy:
      'See to its load. If it is far away, raise OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS; `holdfast doctor` tells how long answers take.',
  },
  THROTTLED: {
    cause: 'The object store asks to slow down.',
    remedy: 'Lower OBJECT_STORAGE_CONNECTIONS, or raise what the server allows.',
  },
  UNAUTHENTICATED: {
    cause:
      'The object store does not know the access key, the secret is another one, or a session token has ended.',
    remedy:
      'Check OBJECT_STORAGE_ACCESS_KEY and OBJECT_STORAGE_SECRET_KEY, or the source of the AWS default credential chain.',
  },
  PERMISSION_DENIED: {
    cause:
      'The object store knows these credentials and refuses the action; or the operating system does, of a folder.',
    remedy:
      'Allow the action in the policy of the user and of the bucket; `holdfast doctor` names each that is missing.',
  },
  NO_SUCH_BUCKET: {
    cause: 'The bucket does not exist at this endpoint.',
    remedy: 'Check OBJECT_STORAGE_BUCKET and OBJECT_STORAGE_ENDPOINT, or make it: `holdfast bucket create`.',
  },
  CLOCK_SKEW: {
    cause: "This machine's clock and that of the object store differ by more than 15 minutes.",
    remedy: 'Set the clock: let the machine follow NTP (`timedatectl set-ntp true`).',
  },
  ARCHIVED: {
    cause: 'The object lies in an archive storage class, from which it cannot be read at once.',
    remedy:
      'Ask for it by `holdfast thaw <key>`, or `thawFile()`; that takes minutes to days, by its class and the tier. `holdfast thaw --status <key>` tells how it stands.',
  },
  NO_SPACE: {
    cause:
      'The disk of the storage folder is full, or what waits for the object store has reached its bound.',
    remedy:
      'Free some space, give the disk more, raise HOLDFAST_SPOOL_MAX_BYTES, or bring the object store back so that the spool drains.',
  },
  ABORTED: {
    cause: 'The caller ended the call, by its signal or by breaking off the content.',
    remedy: 'Nothing is broken, and nothing was stored.',
  },
  INTERNAL: {
    cause: 'A defect of Holdfast.',
    remedy: 'Report it, with the message and what the log says around it.',
  },
}
