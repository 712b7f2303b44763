import { EXIT } from '../failure.js';
/** Makes a URL that lets its bearer read (or write) one file for a while. */
export async function presign(context, key, options) {
    const { output } = context;
    const { method, expires: expiresInSeconds, downloadAs: fileName, contentType } = options;
    const storage = await context.storage();
    const request = {
        method,
        expiresInSeconds,
        contentType,
        fileName,
        disposition: options.inline ? 'inline' : undefined,
        direct: options.direct,
    };
    const url = await storage.generatePresignedUrl(key, request);
    await (output.json ? output.object({ url, key, method, expiresInSeconds }) : output.line(url));
    const { publicUrl } = context.config();
    if (publicUrl !== undefined && !options.direct && !url.startsWith(`${publicUrl}/`)) {
        output.note('It is the bucket\'s own, and ends with an outage: there is no storage folder to sign one of "holdfast serve".');
    }
    if (url.startsWith('/')) {
        output.note('It is relative to the address of "holdfast serve"; HOLDFAST_PUBLIC_URL makes it absolute.');
    }
    return EXIT.ok;
}
//# sourceMappingURL=presign.js.map