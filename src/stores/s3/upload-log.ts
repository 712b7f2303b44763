/** A multipart upload that was begun. Until it is completed or aborted, its parts take room in the bucket. */
export interface PendingUpload {
  readonly uploadId: string
  readonly key: string
  readonly bucket: string
  /** Scheme, host and port of the server. */
  readonly endpoint: string
  /** The name of the write, and in short all else that the object is to carry; absent where nobody goes on with it. */
  readonly writeId?: string
  readonly carries?: string
}

/** Remembers multipart uploads beyond the life of the process. */
export interface UploadLog {
  /** Makes the upload durable; resolves before the first part is sent. */
  begin(upload: PendingUpload): Promise<void>
  /** The upload was completed or aborted. */
  end(uploadId: string): Promise<void>
  /** The upload has failed, and could not be aborted now: from now on it is an orphan. */
  abandon?(upload: PendingUpload): void
  /**
   * The upload of a key that was broken off, where those are kept to be gone on with. A put that the server's absence
   * or a signal has ended then leaves its upload abandoned, and the same put sends only the parts that are missing.
   */
  brokenOff?(key: string): PendingUpload | undefined
  /** Uploads that nobody completes: those of processes that are known to be gone, and abandoned ones. */
  orphans(): Promise<readonly PendingUpload[]>
}
