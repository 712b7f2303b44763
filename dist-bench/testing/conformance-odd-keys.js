import { isKey, MAX_KEY_BYTES } from '../core/key.js';
/** Segments that some filesystem, URL parser, XML parser, shell, browser or JavaScript object trips over. */
const ODD_SEGMENTS = [
    '...',
    '.hidden',
    '..hidden',
    'a.',
    'a..',
    'a.b.c',
    ' ',
    ' leading',
    'trailing ',
    'in  the  middle',
    '-',
    '--help',
    '~',
    '~root',
    '$HOME',
    '`id`',
    '$(id)',
    '%',
    '%2e%2e%2f',
    '%2E%2E',
    '%252e%252e',
    '%00',
    '%0d%0a',
    '%41',
    '%zz',
    '+',
    'a+b',
    'a b',
    '&',
    '&amp;',
    '&#65;',
    '?',
    '?list-type=2',
    '#',
    '#fragment',
    "'",
    '"',
    '<',
    '>',
    '</Key><Key>',
    ']]>',
    '*',
    '**',
    'a*b',
    '|',
    ':',
    'C:',
    'a:b',
    ';',
    ',',
    '=',
    '@',
    '!',
    '^',
    '{',
    '}',
    '{a,b}',
    '[',
    ']',
    '(',
    ')',
    'CON',
    'con',
    'NUL',
    'nul.txt',
    'COM1',
    'LPT9.log',
    'AUX',
    'desktop.ini',
    'Thumbs.db',
    'ABC',
    'abc',
    'Abc',
    'STRASSE',
    'straße',
    'İ',
    'ı',
    'caf\u00e9',
    'cafe\u0301',
    '\u1e9b\u0323',
    '\u00c5',
    '\u212b',
    'ﬁ',
    'fi',
    '日本語',
    'العربية',
    '👋',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '\u202egnp.exe',
    '\u200b',
    '\u200d',
    '\u00ad',
    '\u00a0',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\ue000',
    '\u{10000}',
    '\u{10ffff}',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    '0',
    '-1',
    '1e999',
    'uploads',
    'index.html',
    '.gitignore',
    '.DS_Store',
    'lost+found',
];
/** Keys that must round-trip, to be put behind `prefix`: one of each oddity, alone and in company. */
export function oddNames(prefix) {
    const names = [
        ...ODD_SEGMENTS,
        ...ODD_SEGMENTS.map(segment => `in/${segment}/file`),
        // An object beside objects "inside" it.
        'beside',
        'beside/a',
        'beside/a/b',
        'beside.',
        'beside-',
        'beside0',
        // The longest names, in one segment and in many, of one to four bytes a character.
        'x'.repeat(254),
        'x'.repeat(255),
        'x'.repeat(256),
        'é'.repeat(127),
        'é'.repeat(128),
        '日'.repeat(85),
        '👋'.repeat(64),
        `${'y'.repeat(255)}/${'y'.repeat(255)}/z`,
        filled(prefix, 'z'),
        filled(prefix, 'a/'),
        filled(prefix, 'é'),
        filled(prefix, '👋'),
        // Twins that differ in the last byte only.
        `${'t'.repeat(300)}a`,
        `${'t'.repeat(300)}b`,
    ];
    return [...new Set(names)];
}
/** A name that fills a key up to the last byte allowed. */
function filled(prefix, unit) {
    const room = MAX_KEY_BYTES - Buffer.byteLength(prefix);
    const name = unit.repeat(Math.floor((room - 1) / Buffer.byteLength(unit)));
    return name + 'e'.repeat(room - Buffer.byteLength(name));
}
const ALPHABETS = [
    [...'abcdefghijklmnopqrstuvwxyz0123456789'],
    [...'ABCabc'],
    [...'.-_~ '],
    [...`!"#$%&'()*+,:;<=>?@[]^\`{|}`],
    [...'%2eE0fF'],
    ['\u00e9', 'e\u0301', '\u0301', 'ß', 'İ', 'ﬁ', '\u00a0', '\u200b', '\u202e', '\ufeff'],
    ['\ud7ff', '\ue000', '\ufffd', '\uffff', '\u{10000}', '👋', '\u{10ffff}'],
    ['日', '本', 'ا', 'я', 'Я', 'ꙮ'],
];
/** Different valid names of random segments, odd ones among them. */
export function randomNames(random, count, prefix) {
    const names = new Set();
    while (names.size < count) {
        const segments = Array.from({ length: 1 + random.below(4) }, () => randomSegment(random));
        const name = segments.join('/');
        if (isKey(prefix + name))
            names.add(name);
    }
    return [...names];
}
function randomSegment(random) {
    if (random.below(8) === 0)
        return random.pick(ODD_SEGMENTS);
    const alphabet = random.pick(ALPHABETS);
    const length = 1 + random.below(random.below(10) === 0 ? 150 : 8);
    return Array.from({ length }, () => random.pick(alphabet)).join('');
}
//# sourceMappingURL=conformance-odd-keys.js.map