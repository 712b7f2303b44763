import type { Root } from '../stores/local/root.js';
/** Names who works on a folder among all of it; several in one process share the folder's opening, and its name. */
export declare function identityOf(root: Root): {
    processId: string;
    isDead: (id: string) => boolean;
};
