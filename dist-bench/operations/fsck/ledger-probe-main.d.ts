import { type LedgerInspection } from '../../stores/local/ledger.js';
/** What the probe answers. */
export type ProbeAnswer = {
    readonly read: LedgerInspection;
} | {
    readonly error: string;
}
/** Why a ledger is refused that nothing is wrong with. */
 | {
    readonly refused: string;
};
