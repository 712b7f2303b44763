const ADVICE = {
    UNAUTHENTICATED: 'put valid keys into OBJECT_STORAGE_ACCESS_KEY and OBJECT_STORAGE_SECRET_KEY (or where AWS credentials come from) and start again; nothing acknowledged is lost by that.',
    PERMISSION_DENIED: 'grant these credentials s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on the bucket.',
    NO_SUCH_BUCKET: 'create the bucket, or mend OBJECT_STORAGE_BUCKET.',
    CLOCK_SKEW: "set this machine's clock.",
    CONFIG_INVALID: 'mend OBJECT_STORAGE_ENDPOINT, OBJECT_STORAGE_REGION or OBJECT_STORAGE_PATH_STYLE.',
    QUOTA_EXCEEDED: 'make room in the object store, or raise its quota.',
    NO_SPACE: 'make room in the object store.',
};
/** What a person has to do before an object store that refuses with this takes anything again; undefined: wait. */
export function adviceFor(code) {
    return ADVICE[code];
}
//# sourceMappingURL=advice.js.map