import { createInterface } from 'node:readline';
import { startS3Stub } from './s3-stub.js';
/**
 * Runs a stub as a process of its own, for benchmarks: `node s3-stub-main.js [port] [unverified]`. It prints its
 * endpoint as one line of JSON, takes commands line by line (`down`: connections are refused, `hang`: they are
 * accepted and nothing is answered, `up`: it works), prints `ok` when one is done, and lives until its standard
 * input ends.
 */
const starting = startS3Stub({
    port: Number(process.argv[2] ?? 0),
    verify: process.argv[3] !== 'unverified',
});
starting.then(stub => {
    const { endpoint, credentials } = stub;
    process.stdout.write(`${JSON.stringify({ endpoint, bucket: 'stub', credentials })}\n`);
    const input = createInterface({ input: process.stdin });
    input.on('line', async (command) => {
        stub.fault = command === 'hang' ? () => ({ stall: 'request' }) : undefined;
        await (command === 'down' ? stub.goDown() : stub.comeBack());
        process.stdout.write('ok\n');
    });
    input.on('close', () => process.exit(0));
});
//# sourceMappingURL=s3-stub-main.js.map