import { randomBytes } from 'node:crypto';
import { parseAttributes } from '../../core/attributes.js';
import { encodeKey } from '../../core/key.js';
import { openSource } from '../../core/source.js';
import { readErrorDocument } from '../../stores/s3/errors.js';
import { fault, good, notice } from './findings.js';
const PUBLIC_ENDPOINT = 'OBJECT_STORAGE_PUBLIC_ENDPOINT';
const PUBLIC_URL = 'OBJECT_STORAGE_PUBLIC_URL';
/** Whether those who are given a URL can use it: each is fetched for real, as a browser would. */
export const CLIENT_CHECKS = [
    { check: 'presigned-read', area: 'clients', needs: ['write', 'read'], examine: examineDownload },
    {
        check: 'presigned-write',
        area: 'clients',
        needs: ['write', 'read', 'presigned-read'],
        examine: examineUpload,
    },
    { check: 'cors', area: 'clients', needs: ['presigned-read'], examine: examineOrigins },
    { check: 'public-url', area: 'clients', needs: ['write'], examine: examinePublicUrl },
    { check: 'own-url', area: 'clients', examine: examineOwnUrl },
];
const LINK_SECONDS = 60;
const PATIENCE_MS = 10_000;
async function examineDownload(patient) {
    const { store, signal } = patient;
    const key = patient.scratch('presigned');
    const content = randomBytes(64);
    const attributes = parseAttributes({ contentType: 'application/octet-stream' });
    await store.put(key, await openSource(content), { attributes, signal });
    const url = await store.presign(key, { method: 'GET', expiresInSeconds: LINK_SECONDS });
    const answer = await fetched(url);
    if (typeof answer === 'string')
        return unreachable(patient, answer);
    if (answer.status !== 200)
        return refused(patient, answer);
    return answer.body.equals(content)
        ? good(`A presigned URL of ${store.publicOrigin} was fetched, and is the file.`)
        : fault(`What a presigned URL of ${store.publicOrigin} answers with is another file.`, settingOf(patient), 'INTEGRITY');
}
async function examineUpload(patient) {
    const { store, signal } = patient;
    const key = patient.scratch('presigned-upload');
    const content = randomBytes(64);
    const contentType = 'application/octet-stream';
    const url = await store.presign(key, { method: 'PUT', expiresInSeconds: LINK_SECONDS, contentType });
    const answer = await fetched(url, {
        method: 'PUT',
        headers: { 'content-type': contentType },
        body: content,
    });
    if (typeof answer === 'string')
        return unreachable(patient, answer);
    if (answer.status !== 200)
        return refused(patient, answer);
    const { body } = await store.get(key, { signal });
    return (await body.bytes()).equals(content)
        ? good('A file was uploaded by a presigned URL.')
        : fault('What was uploaded by a presigned URL is not what is in the bucket.', settingOf(patient), 'INTEGRITY');
}
function unreachable(patient, why) {
    return fault(`Presigned URLs begin with ${patient.store.publicOrigin}, which cannot be reached from here (${why}).`, settingOf(patient), 'UNAVAILABLE');
}
function settingOf({ config }) {
    return config.objectStoragePublicEndpoint === undefined
        ? `Set ${PUBLIC_ENDPOINT} to the address under which browsers reach the object store.`
        : `Check ${PUBLIC_ENDPOINT}: it must lead to the same object store as OBJECT_STORAGE_ENDPOINT. (If only browsers can reach it, and not this machine, let them try.)`;
}
function refused(patient, { status, body }) {
    const document = readErrorDocument(body);
    const said = document === undefined ? `${status}, and not by an S3 server` : `${status} ${document.code}`;
    return fault(`A presigned URL of ${patient.store.publicOrigin} is answered with ${said}.`, document?.code === 'SignatureDoesNotMatch'
        ? `The proxy under ${patient.store.publicOrigin} must pass the Host header and the path as they come: the signature covers both.`
        : settingOf(patient), document?.code === 'SignatureDoesNotMatch' ? 'UNAUTHENTICATED' : 'UNAVAILABLE');
}
/** Pages that call the server for files are sent on to the bucket, or given its URLs: it must let them in as well. */
async function examineOrigins(patient) {
    const { corsOrigins } = patient.config;
    const [origin] = corsOrigins;
    if (origin === undefined)
        return undefined;
    const asked = origin === '*' ? 'https://chat.example' : origin;
    const url = await patient.store.presign(patient.scratch('presigned'), {
        method: 'GET',
        expiresInSeconds: LINK_SECONDS,
    });
    const denied = [];
    for (const method of ['GET', 'PUT']) {
        const answer = await fetched(url, {
            method: 'OPTIONS',
            headers: {
                origin: asked,
                'access-control-request-method': method,
                'access-control-request-headers': 'content-type',
            },
        });
        if (typeof answer === 'string')
            return unreachable(patient, answer);
        const allowed = answer.headers.get('access-control-allow-origin');
        if (answer.status >= 300 || (allowed !== '*' && allowed !== asked))
            denied.push(method);
    }
    if (denied.length === 0)
        return good(`The bucket lets pages of ${asked} use presigned URLs.`);
    return fault(`The bucket does not let pages of ${asked} use presigned URLs (${denied.join(', ')}).`, `holdfast bucket cors ${corsOrigins.map(one => `--origin ${one === '*' ? 'https://<origin>' : one}`).join(' ')}`, 'PERMISSION_DENIED');
}
async function examinePublicUrl(patient) {
    const { objectStoragePublicUrl: base } = patient.config;
    if (base === undefined)
        return undefined;
    const key = patient.scratch('public');
    const content = randomBytes(64);
    const attributes = parseAttributes({ contentType: 'application/octet-stream' });
    await patient.store.put(key, await openSource(content), { attributes, signal: patient.signal });
    const answer = await fetched(`${base}/${encodeKey(key)}`);
    const remedy = `Check ${PUBLIC_URL}: the CDN's address, with the path (if any) under which it shows the bucket.`;
    if (typeof answer === 'string') {
        return fault(`The URLs of uploads begin with ${base}, which cannot be reached from here (${answer}).`, remedy, 'UNAVAILABLE');
    }
    if (answer.status === 200 && answer.body.equals(content))
        return good(`A file was fetched under ${base}.`);
    if (answer.status === 401 || answer.status === 403) {
        return notice(`A file under ${base} is answered with ${answer.status}: it is not for everybody, or not where names begin with a dot.`, 'If files are meant to be public there, allow reading them to all, or to the CDN.');
    }
    return fault(`A file under ${base} is answered with ${answer.status}${answer.status === 200 ? ' and other bytes' : ''}.`, remedy, 'UNAVAILABLE');
}
/** Whether Holdfast's own server is where its signed URLs lead. It need not be running when this is asked. */
export async function examineOwnUrl({ config }) {
    const { publicUrl } = config;
    if (publicUrl === undefined)
        return undefined;
    const answer = await fetched(`${publicUrl}/healthz`);
    const remedy = 'Start the server (holdfast serve), and check HOLDFAST_PUBLIC_URL and the proxy in between.';
    if (typeof answer === 'string') {
        return notice(`Signed URLs begin with ${publicUrl}, which cannot be reached from here (${answer}).`, remedy);
    }
    if (answer.status === 200 && answer.body.length < 1024)
        return good(`The server answers under ${publicUrl}.`);
    return notice(`What answers under ${publicUrl} does not look like this server (${answer.status}).`, remedy);
}
/** Fetches a URL as anybody would; the reason if there is no answer. */
async function fetched(url, init = {}) {
    try {
        const answer = await fetch(url, { redirect: 'manual', ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
        return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
    }
    catch (error) {
        return reasonOf(error);
    }
}
function reasonOf(error) {
    if (!(error instanceof Error))
        return String(error);
    const { cause } = error;
    if (cause instanceof Error)
        return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
    return error.name === 'TimeoutError' ? `no answer within ${PATIENCE_MS / 1000} s` : error.message;
}
//# sourceMappingURL=clients.js.map