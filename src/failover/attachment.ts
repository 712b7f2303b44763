import type { Root } from '../stores/local/root.js'

/** The ledger's fact of the bucket that the folder is a net for. */
const ATTACHED = 'attached-to'

/** The endpoint and bucket that the folder is attached to; undefined where it is a store of its own. */
export function attachedTo(root: Root): string | undefined {
  return root.ledger.fact(ATTACHED)
}

/**
 * Attaches the folder to a bucket, before the first upload or delete is sent there or journaled for it: from then
 * on the bucket may hold what is acknowledged here, and the folder alone no longer knows.
 */
export async function attach(root: Root, target: string): Promise<void> {
  if (attachedTo(root) !== target) await root.ledger.setFact(ATTACHED, target)
}
