let instances = 0;
/** Names who works on a folder among all of it; several in one process share the folder's opening, and its name. */
export function identityOf(root) {
    const processId = `${root.processId}/${++instances}`;
    return { processId, isDead: id => root.isDead(id.slice(0, id.lastIndexOf('/'))) };
}
//# sourceMappingURL=identity.js.map