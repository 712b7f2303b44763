import { shown } from '../../core/errors.js';
/** A file that is read: what was found wrong with it is gathered, so that all of it is told at once. */
export class YamlFile {
    complaints = [];
    #yaml;
    #lines;
    #document;
    constructor(yaml, text) {
        this.#yaml = yaml;
        this.#lines = new yaml.LineCounter();
        this.#document = yaml.parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
        for (const { message, pos } of this.#document.errors)
            this.#complain('', pos[0], message);
    }
    /** The value that the file holds. */
    get root() {
        return new YamlValue(this, '', this.#document.contents ?? undefined, 0);
    }
    /** @internal */
    complain(value, message) {
        this.#complain(value.path, value.offset, message);
    }
    /** @internal What an alias stands for; another node itself. */
    resolve(node) {
        return this.#yaml.isAlias(node) ? node.resolve(this.#document) : node;
    }
    /** @internal */
    get yaml() {
        return this.#yaml;
    }
    #complain(path, offset, message) {
        const { line, col } = this.#lines.linePos(offset);
        this.complaints.push({ path, line: Math.max(line, 1), column: Math.max(col, 1), message });
    }
}
/** A value in the file. Asked for what it must be, it answers with that, or complains and answers undefined. */
export class YamlValue {
    path;
    offset;
    #file;
    #node;
    /** @param offset where the value would stand, if there is none */
    constructor(file, path, node, offset) {
        this.#file = file;
        this.path = path;
        this.#node = file.resolve(node);
        this.offset = node?.range?.[0] ?? offset;
    }
    /** Says what is wrong with the value; `accepted` says what would be right. */
    refuse(accepted) {
        this.#file.complain(this, `got ${this.#shown()}; accepted: ${accepted}.`);
        return undefined;
    }
    /** Says what is wrong, in other words. */
    complain(message) {
        this.#file.complain(this, message);
        return undefined;
    }
    /** A mapping's values by their names, none of another name than these; undefined also where it has only others. */
    mapping(names) {
        const entries = this.entries(`a mapping of ${names.join(', ')}`);
        if (entries === undefined)
            return undefined;
        const found = {};
        for (const [name, value] of entries) {
            if (names.includes(name))
                found[name] = value;
            else
                value.complain(`is not known; accepted in its place: ${names.join(', ')}.`);
        }
        // What is missing is misspelt, and that is told.
        return entries.length > 0 && Object.keys(found).length === 0 ? undefined : found;
    }
    /** A mapping's names and values. */
    entries(accepted) {
        const { yaml } = this.#file;
        if (!yaml.isMap(this.#node))
            return this.refuse(accepted);
        return this.#node.items.map(({ key, value }) => {
            const node = key;
            const name = yaml.isScalar(node) ? String(node.value) : 'a key that is no text';
            const path = this.path === '' ? name : `${this.path}.${name}`;
            return [
                name,
                new YamlValue(this.#file, path, value ?? undefined, node.range?.[0] ?? 0),
            ];
        });
    }
    list(accepted) {
        if (!this.#file.yaml.isSeq(this.#node))
            return this.refuse(accepted);
        return this.#node.items.map((item, index) => new YamlValue(this.#file, `${this.path}[${index}]`, item, this.offset));
    }
    text(accepted, isValid) {
        const value = this.scalar;
        return typeof value === 'string' && isValid(value) ? value : this.refuse(accepted);
    }
    whole(min, max) {
        const value = this.scalar;
        const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
        return isWhole ? value : this.refuse(`a whole number from ${min} to ${max}`);
    }
    boolean() {
        const value = this.scalar;
        return typeof value === 'boolean' ? value : this.refuse('true or false');
    }
    /** Text, a number, a boolean or null, as YAML 1.2 has them; undefined where it is none of them. */
    get scalar() {
        return this.#file.yaml.isScalar(this.#node) ? this.#node.value : undefined;
    }
    #shown() {
        const { yaml } = this.#file;
        if (yaml.isMap(this.#node))
            return 'a mapping';
        if (yaml.isSeq(this.#node))
            return 'a list';
        return this.scalar === undefined || this.scalar === null ? 'nothing' : shown(this.scalar);
    }
}
//# sourceMappingURL=yaml-reader.js.map