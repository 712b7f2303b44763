/** Where a bucket is reached. */
export interface Address {
    /** Scheme, host and port. */
    readonly origin: string;
    /** As it is sent in the Host header. */
    readonly host: string;
    /** The path of the bucket itself: `/` under virtual-host addressing, else `/<bucket>`. */
    readonly bucketPath: string;
    /** What comes before a key: `/` or `/<bucket>/`. */
    readonly keyPath: string;
}
/** What an address is worked out from. */
export interface AddressOptions {
    /** URL of the server; AWS unless given. */
    readonly endpoint?: string | undefined;
    readonly region: string;
    readonly bucket: string;
    /** Addresses the bucket by path. By default a custom endpoint is, and AWS is addressed by host name. */
    readonly forcePathStyle?: boolean | undefined;
}
/**
 * Works out where a bucket is (S3 API, "Virtual hosting of buckets"). A bucket with a dot in its name is always
 * addressed by path over https, since no certificate covers it as a host name.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export declare function addressOf(options: AddressOptions): Address;
/** The URL of an object, unsigned. */
export declare function urlOf(address: Address, key: string): string;
