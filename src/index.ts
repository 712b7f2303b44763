export {
  activeProvider,
  type InfrastructureConfig,
  infrastructureConfig,
  loadConfig,
  type StorageConfig,
} from './config.js'
export { type ErrorCode, StorageError } from './core/errors.js'
export { compareUtf8, encodeKey, isKey, type Key, parseKey } from './core/key.js'
export type { Logger } from './core/logger.js'
export { newKey } from './core/new-key.js'
export type { ByteRange, ResolvedRange } from './core/range.js'
export type { Content } from './core/source.js'
export type { Condition, Store } from './core/store.js'
export { exportFiles } from './operations/export/index.js'
export type { ExportOptions, ExportReport, ExportSource } from './operations/export/types.js'
export type { DeleteSourceReport } from './operations/migration/delete-source.js'
export {
  deleteSourceFiles,
  migrateFiles,
  syncFiles,
  verifyFiles,
} from './operations/migration/index.js'
export type {
  DeleteSourceOptions,
  Existing,
  MigratedObject,
  MigrateOptions,
  MigrationReport,
  ObjectFailure,
  Selection,
  SideDifference,
  StoreLocation,
  SyncOptions,
  TwoStoresOptions,
  VerifyOptions,
  VerifyReport,
} from './operations/migration/types.js'
export { type ClamavOptions, clamav } from './service/clamav.js'
export type { UploadCompressedOptions } from './service/upload-compressed.js'
export {
  generatePresignedUrl,
  getStorageMetrics,
  getStorageService,
  StorageService,
  type StorageServiceOptions,
  uploadCompressed,
} from './service.js'
export type * from './storage.js'
export { MemoryStore } from './stores/memory.js'
