/**
 * How content is cut into parts: S3 takes at most 10,000, of 5 MiB to 5 GiB, all of an object up to 5 TiB. The
 * size of each part follows from its number alone, so that an object's composite ETag can be recomputed.
 */
export interface PartPlan {
    /** Bytes of the first part. */
    readonly first: number;
    /** Whether parts double every {@link DOUBLES_EVERY} parts, as they do where the length is not known at first. */
    readonly grows: boolean;
}
/** S3's limits (S3 API, "Multipart upload limits"). */
export declare const MAX_PARTS = 10000;
export declare const MIN_PART_BYTES: number;
export declare const MAX_PART_BYTES: number;
export declare const MAX_OBJECT_BYTES: number;
/** The plan for content of `size` bytes, or of unknown length, in parts of `partSize` bytes where that is enough. */
export declare function planParts(size: number | undefined, partSize: number): PartPlan;
/** Bytes of part `number`, counted from 1. */
export declare function partBytes(plan: PartPlan, number: number): number;
/** The plan as it stands in an object's metadata: bytes of the first part, and `+` if parts grow. */
export declare function formatPartPlan(plan: PartPlan): string;
/** Reads what {@link formatPartPlan} wrote; undefined for anything else. */
export declare function parsePartPlan(text: string | undefined): PartPlan | undefined;
