import type { CallOptions, UploadResult } from './storage.js'

/** What becomes of content: it is stored; it is refused; or it is refused, and kept where only operators reach it. */
export type Verdict = 'allow' | 'reject' | 'quarantine'

/** What an inspector says of content. */
export type InspectionResult =
  | Verdict
  | {
      readonly verdict: Verdict
      /** Why, in a few words such as a signature's name. The uploader is told, and so is who looks at the quarantine. */
      readonly reason?: string | undefined
    }

/** Content to be judged: all of it has come, and nobody can read it under its key. */
export interface InspectedFile {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex. What is stored has this hash, or is not stored. */
  readonly sha256: string
  readonly contentType: string
  readonly fileName?: string
  readonly metadata: Readonly<Record<string, string>>
  /** Fires when the inspection has taken too long, or the upload was given up. What is said after that is not heard. */
  readonly signal: AbortSignal
  /** The bytes from `offset` on, as often as needed; fewer than `length` only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  /** All bytes, in pieces, as often as needed. */
  stream(): AsyncIterable<Buffer>
}

/**
 * Judges content before it is stored. Where it throws, or does not answer in time (`HOLDFAST_INSPECT_TIMEOUT_MS`), the
 * upload fails with `UNAVAILABLE`, unless `HOLDFAST_INSPECT_ON_FAILURE` is `allow`.
 */
export interface Inspect {
  (file: InspectedFile): InspectionResult | Promise<InspectionResult>
  /** Asks whether it could judge now. @returns what it is, such as its version. Rejects with what is wrong */
  check?(signal: AbortSignal): Promise<string>
}

/** A file that an inspector wants kept. Nobody reads it by its key. */
export interface QuarantinedFile {
  readonly id: string
  /** Where it was to be stored. */
  readonly key: string
  readonly reason?: string
  /** When it came. */
  readonly at: Date
  /** When it goes by itself; absent where it is kept for ever. */
  readonly removedAt?: Date
  readonly size: number
  readonly sha256: string
  readonly contentType: string
  readonly fileName?: string
  readonly metadata: Readonly<Record<string, string>>
  /** The file that holds its bytes. */
  readonly path: string
}

export interface ReleaseOptions extends CallOptions {
  /** Replaces what was stored under the key since the upload; otherwise that is `PRECONDITION_FAILED`. */
  overwrite?: boolean | undefined
}

/** The files that inspection holds back. For operators: no scope reaches it. */
export interface Quarantine {
  /** All of them, the oldest first. */
  list(options?: CallOptions): AsyncIterable<QuarantinedFile>
  /** @throws `NOT_FOUND` */
  get(id: string, options?: CallOptions): Promise<QuarantinedFile>
  /**
   * Stores a file under its key as if it had been allowed, and takes it out of the quarantine. Doing it again after a
   * failure is no harm.
   *
   * @throws `NOT_FOUND`; `PRECONDITION_FAILED` or `ALREADY_EXISTS` if the key was written since, or the upload's own
   *   condition does not hold; `INTEGRITY` if the bytes are not those that came; and what `uploadFile` throws
   */
  release(id: string, options?: ReleaseOptions): Promise<UploadResult>
  /** Removes a file for good. @throws `NOT_FOUND` */
  remove(id: string, options?: CallOptions): Promise<void>
}

/** How inspection stands. Present in a status where uploads are inspected. */
export interface InspectionStatus {
  /** What becomes of an upload that cannot be inspected. */
  readonly onFailure: 'refuse' | 'allow'
  /** Absent until the storage folder was opened, and where there is none. */
  readonly quarantine?: {
    readonly files: number
    /** Of the disk, in blocks of 4 KiB. */
    readonly bytes: number
    /** `HOLDFAST_QUARANTINE_MAX_BYTES` */
    readonly maxBytes: number
  }
}

/** How inspections ended, in this process. */
export interface InspectionActivity {
  readonly allowed: number
  readonly rejected: number
  readonly quarantined: number
  /** Not to be had: the inspector threw, or did not answer in time. */
  readonly failed: number
}

/** An upload was refused by the inspector. */
export interface RejectedEvent {
  readonly key: string
  readonly size: number
  readonly sha256: string
  readonly reason?: string
}

/** An upload is held in quarantine. */
export interface QuarantinedEvent extends RejectedEvent {
  /** As {@link Quarantine} takes it. */
  readonly id: string
}
