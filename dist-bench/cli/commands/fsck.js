import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { StatusLine } from '../status-line.js';
import { number, size } from '../wording.js';
/** Progress is drawn so often at most. */
const FRAME_MS = 100;
/** Holds ledger, files and journal of the storage folder against each other. */
export async function fsck(context, options) {
    const { output, signal } = context;
    const { runFsck } = await import('../../operations/fsck/fsck.js');
    const line = new StatusLine(output);
    let drawn = 0;
    try {
        const summary = await runFsck({
            config: context.config(),
            ...options,
            signal,
            onFinding: finding => (output.json ? output.object(finding) : output.line(text(finding))),
            onProgress: progress => {
                const now = performance.now();
                if (now - drawn < FRAME_MS || !line.isVisible)
                    return;
                drawn = now;
                line.show(progressLine(progress));
            },
        });
        line.stop();
        if (output.json)
            await output.object({ summary });
        else
            for (const told of verdict(summary, options))
                output.note(told);
        return exitCode(summary);
    }
    finally {
        line.stop();
    }
}
const LABELS = { loss: 'LOSS', difference: 'differs', note: 'note' };
function text({ severity, code, key, path, message, repair, repaired }) {
    const about = [key, path].filter(name => name !== undefined).map(printable);
    const mended = repaired ? ' Repaired.' : '';
    const mending = repair === undefined || repaired ? '' : ` ${hint(repair)}`;
    return `${LABELS[severity].padEnd(7)}  ${code.padEnd(17)}  ${[...about, printable(message)].join('  ')}${mended}${mending}`;
}
function hint(repair) {
    return repair.startsWith('--') ? `(${repair})` : `(--repair ${repair})`;
}
const PHASES = {
    ledger: 'reading the ledger',
    objects: 'objects',
    journal: 'entries of the journal',
    files: 'files',
    rebuild: 'files taken over',
};
function progressLine({ phase, done, of, bytes }) {
    const total = of === undefined ? '' : ` of ${number(of)}`;
    const what = phase === 'ledger' ? PHASES[phase] : `${number(done)}${total} ${PHASES[phase]}`;
    return bytes === 0 ? what : `${what}  ${size(bytes)} read`;
}
function* verdict(summary, options) {
    const { objects, bytes, entries, entryBytes, hashed, unhashed, unjudged, others } = summary;
    const { losses, differences, notes, repaired } = summary;
    if (!summary.complete) {
        yield 'Nothing else was checked.';
        return;
    }
    yield `Checked ${number(objects)} objects (${size(bytes)}) and ${number(entries)} entries of the journal (${size(entryBytes)}).`;
    if (options.hash) {
        const unknown = unhashed === 0 ? '' : `; of ${number(unhashed)} nobody knows the SHA-256`;
        yield `Read and compared ${number(hashed)}${unknown}.`;
    }
    if (others > 0)
        yield `In use by ${counted(others, 'other process', 'other processes')}.`;
    if (unjudged > 0)
        yield `Not judged: ${counted(unjudged, 'file')} of uploads under way.`;
    if (losses + differences === 0) {
        yield notes === 0 ? 'Everything agrees.' : `Everything agrees; ${counted(notes, 'note')}.`;
        return;
    }
    const all = [counted(losses, 'loss', 'losses'), counted(differences, 'difference'), counted(notes, 'note')];
    yield `${all.join(', ')}; ${number(repaired)} repaired.`;
}
function counted(count, one, many = `${one}s`) {
    return `${number(count)} ${count === 1 ? one : many}`;
}
function exitCode({ losses, differences, repaired }) {
    const left = losses + differences - repaired;
    if (left === 0)
        return EXIT.ok;
    return repaired > 0 ? EXIT.partial : EXIT.different;
}
//# sourceMappingURL=fsck.js.map