import { type Key } from '../core/key.js';
import { type Journal, type JournalRow, type RowChange } from './journal.js';
/** Whether a row under this key is set aside. */
export declare function isAside(key: string): boolean;
/** The key that a row is about, wherever it lies. */
export declare function keyOfRow({ key }: JournalRow): Key;
/** What moves a row aside. An earlier one of the same bucket is replaced: the newest state of a key counts. */
export declare function settingAside(journal: Journal, row: JournalRow): RowChange;
/** The start of the keys under which the rows of a bucket are set aside. */
export declare function startOf(target: string): string;
