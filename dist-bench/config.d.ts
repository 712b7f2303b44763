/** Where objects live and how they are served. Each property is set by one environment variable. */
export interface StorageConfig {
    /** `OBJECT_STORAGE_ENABLED`: false keeps every file on the local disk. */
    readonly objectStorageEnabled: boolean;
    /** `OBJECT_STORAGE_PROVIDER`: `s3`, `minio` or `local`; an unknown one warns and uses local storage. */
    readonly objectStorageProvider: string;
    /** `OBJECT_STORAGE_BUCKET` */
    readonly objectStorageBucket: string;
    /** `OBJECT_STORAGE_ENDPOINT`: of MinIO or another S3-compatible server; AWS unless given. */
    readonly objectStorageEndpoint: string | undefined;
    /** `OBJECT_STORAGE_ACCESS_KEY`: without keys, the AWS default credential chain is used. */
    readonly objectStorageAccessKey: string | undefined;
    /** `OBJECT_STORAGE_SECRET_KEY` */
    readonly objectStorageSecretKey: string | undefined;
    /** `OBJECT_STORAGE_SESSION_TOKEN`: of temporary credentials. */
    readonly objectStorageSessionToken: string | undefined;
    /** `OBJECT_STORAGE_REGION` */
    readonly objectStorageRegion: string;
    /** `OBJECT_STORAGE_PATH_STYLE`: `endpoint/bucket/key` rather than `bucket.endpoint/key`. */
    readonly objectStoragePathStyle: boolean | undefined;
    /** `OBJECT_STORAGE_PUBLIC_ENDPOINT`: the endpoint as browsers reach it, for presigned URLs. */
    readonly objectStoragePublicEndpoint: string | undefined;
    /** `OBJECT_STORAGE_PUBLIC_URL`: of a CDN or public bucket; the `url` of uploads begins with it. */
    readonly objectStoragePublicUrl: string | undefined;
    /** `OBJECT_STORAGE_CONNECT_TIMEOUT_MS` */
    readonly objectStorageConnectTimeoutMs: number;
    /** `OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS`: from the last byte sent to the first byte of the answer. */
    readonly objectStorageFirstByteTimeoutMs: number;
    /** `OBJECT_STORAGE_IDLE_TIMEOUT_MS`: between two pieces of a request or an answer. */
    readonly objectStorageIdleTimeoutMs: number;
    /** `OBJECT_STORAGE_CONNECTIONS`: to the endpoint at once. */
    readonly objectStorageConnections: number;
    /** `OBJECT_STORAGE_PART_BYTES`: larger content is sent in parts of this size; held in memory, a few at a time. */
    readonly objectStoragePartBytes: number;
    /** `OBJECT_STORAGE_FALLBACK`: uploads are taken on the local disk while the object store is away. */
    readonly objectStorageFallback: boolean;
    /** `OBJECT_STORAGE_WRITE_MODE`: `direct`, or `behind` to take every upload on the local disk first. */
    readonly objectStorageWriteMode: 'direct' | 'behind';
    /** `HOLDFAST_PROBE_INTERVAL_MS`: between two questions whether an object store that is away is back. */
    readonly probeIntervalMs: number;
    /** `HOLDFAST_SETTLE_WINDOW_MS`: how long after its signing the object store may still take a request. */
    readonly settleWindowMs: number;
    /** `HOLDFAST_SPOOL_MAX_BYTES`: of uploads that wait for the object store; only the disk's size counts unless given. */
    readonly spoolMaxBytes: number | undefined;
    /** `HOLDFAST_SPOOL_RESERVE_BYTES`: of free disk that waiting uploads leave alone. */
    readonly spoolReserveBytes: number;
    /** `LOCAL_CACHE_MAX_BYTES`: of the local disk, for copies of what is read from the object store; 0 keeps none. */
    readonly localCacheMaxBytes: number;
    /** `LOCAL_STORAGE_PATH`: the folder of local files, and of what Holdfast remembers beside them. */
    readonly localStoragePath: string;
    /** `HOLDFAST_LEDGER_PATH`: a folder on a local disk for the ledger, if the storage folder is not on one. */
    readonly ledgerPath: string | undefined;
    /** `HOLDFAST_HOST`: the address to listen on. */
    readonly host: string;
    /** `HOLDFAST_PORT` (or `PORT`) */
    readonly port: number;
    /** `HOLDFAST_PUBLIC_URL`: of this server as browsers reach it; signed URLs begin with it, over a bucket too. */
    readonly publicUrl: string | undefined;
    /** `HOLDFAST_API_KEYS`: comma-separated; each grants all access over HTTP. */
    readonly apiKeys: readonly string[];
    /** `HOLDFAST_SIGNING_KEYS`: comma-separated; the first signs URLs, all verify. Made and kept by itself unless given. */
    readonly signingKeys: readonly string[];
    /** `HOLDFAST_CORS_ORIGINS`: comma-separated origins whose pages may call the server, or `*` for all. */
    readonly corsOrigins: readonly string[];
    /** `HOLDFAST_MAX_UPLOAD_BYTES`: over HTTP. */
    readonly maxUploadBytes: number;
    /** `HOLDFAST_LIFECYCLE_RULES`: a file of rules for how files age. */
    readonly lifecycleRules: string | undefined;
    /** `HOLDFAST_LIFECYCLE_INTERVAL_HOURS`: between two looks for local files that the rules let go. */
    readonly lifecycleIntervalHours: number;
    /** `STRICT_CONFIG`: refuse to start where the specification only warns. */
    readonly strictConfig: boolean;
}
/** One environment variable: how it is read, and what people are told of it. */
export interface Variable<T = unknown> {
    readonly name: string;
    /** Other names that are read if this one is unset. */
    readonly aliases?: readonly string[];
    readonly default: T;
    /** What is accepted, as it stands in errors and in the table of the README. */
    readonly accepts: string;
    readonly description: string;
    readonly secret?: true;
    /** The value, or undefined if the text is not acceptable. The text is trimmed and not empty. */
    readonly parse: (text: string) => T | undefined;
}
/** Every variable, in the order people are shown them. */
export declare const VARIABLES: {
    readonly [K in keyof StorageConfig]: Variable<StorageConfig[K]>;
};
/** The environment, as `process.env` or a parsed `.env` file gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;
/**
 * Reads the configuration. Empty values count as unset. Touches nothing but `env`.
 *
 * @param env `process.env` unless given
 * @throws StorageError `CONFIG_INVALID` that names every wrong variable with what it got and what it takes, and
 *   no secret
 */
export declare function loadConfig(env?: Environment): StorageConfig;
/** The defaults with `given` over them, checked as {@link loadConfig} checks. @throws `CONFIG_INVALID` */
export declare function completeConfig(given: Partial<StorageConfig>): StorageConfig;
/** Whether uploads are meant for an object store, and which kind. An unknown provider means local storage. */
export declare function activeProvider(config: StorageConfig): 's3' | 'minio' | 'local';
/** Whether the provider is one that Holdfast knows. */
export declare function isKnownProvider(provider: string): boolean;
/** A variable's text in an environment, with the name it was found under; undefined if unset or empty. */
export declare function findVariable(variable: Variable, env: Environment): {
    name: string;
    text: string;
} | undefined;
/** A value as it may be shown to anyone: a secret is not, nor a password within a URL. */
export declare function displayed(variable: Variable, value: unknown): string;
/** Bytes as people write them: a number, or one with KiB, MiB, GiB or TiB. @returns undefined for what is none */
export declare function parseBytes(text: string): number | undefined;
/** Bytes as {@link parseBytes} reads them, in the largest unit that says it exactly. */
export declare function formatBytes(value: number): string;
/** The specification's "Settings in Code": the configuration's names, read from the environment when first asked for. */
export type InfrastructureConfig = StorageConfig;
/** The environment's configuration, read when the first property is. */
export declare const infrastructureConfig: Readonly<InfrastructureConfig>;
