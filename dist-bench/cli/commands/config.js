import { VARIABLES } from '../../config.js';
import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { configOf } from '../settings.js';
import { table } from '../wording.js';
/** Shows every variable with its value and where that comes from; secrets are not shown. */
export async function config(context) {
    const { output } = context;
    const settings = context.settings();
    if (output.json) {
        const all = settings.map(setting => [
            setting.variable.name,
            { value: shownValue(setting) ?? null, source: setting.origin.kind, ...sourceOf(setting.origin) },
        ]);
        await output.object(Object.fromEntries(all));
    }
    else {
        await output.line(table(settings.map(setting => [setting.variable.name, text(shownValue(setting)), origin(setting.origin)])));
    }
    for (const name of context.unknownVariables())
        output.note(`${name} is not a variable of Holdfast, and is ignored.`);
    // Whatever is wrong is told after what there is.
    configOf(settings);
    return EXIT.ok;
}
/** The value that counts; where it cannot be read, the text that was given. Never a secret. */
function shownValue({ variable, text }) {
    if (text === undefined)
        return variable.default;
    if (variable.secret)
        return '***';
    return variable.parse(text) ?? text.replace(/\/\/[^/]*@/, '//***@');
}
function text(value) {
    if (value === undefined || (Array.isArray(value) && value.length === 0))
        return '-';
    return printable(String(value));
}
function origin(from) {
    switch (from.kind) {
        case 'flag':
            return from.name;
        case 'environment':
            return from.name in NAMES ? 'environment' : `environment (${from.name})`;
        case 'file':
            return from.path;
        case 'default':
            return 'default';
    }
}
const NAMES = Object.fromEntries(Object.values(VARIABLES).map(({ name }) => [name, true]));
function sourceOf(from) {
    if (from.kind === 'default')
        return {};
    return from.kind === 'file' ? { name: from.name, path: from.path } : { name: from.name };
}
//# sourceMappingURL=config.js.map