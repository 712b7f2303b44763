import { statfs } from 'node:fs/promises';
/** `f_type` numbers of statfs(2) on Linux. */
const NETWORK = {
    26985: 'NFS',
    20859: 'SMB',
    4266872130: 'SMB2',
    4283649346: 'CIFS',
    16914839: '9p',
    1702057286: 'FUSE or virtiofs',
    12805120: 'CephFS',
    1397113167: 'AFS',
    1799439955: 'AFS',
    1937076805: 'Coda',
    22092: 'NCP',
    198183888: 'Lustre',
    1196443219: 'GPFS',
    18225520: 'GFS2',
    1952539503: 'OCFS2',
    2020557398: 'a VirtualBox shared folder',
    3133910204: 'a VMware shared folder',
};
const PASSING = {
    16914836: 'tmpfs',
    2240043254: 'ramfs',
    2035054128: "a container's own layer (overlay)",
};
/** What a `f_type` number stands for. */
export function judgeFilesystem(type) {
    // The number is signed on some machines.
    const unsigned = type >>> 0;
    const network = NETWORK[unsigned];
    if (network !== undefined)
        return { kind: 'network', name: network };
    const passing = PASSING[unsigned];
    return passing === undefined ? { kind: 'disk' } : { kind: 'passing', name: passing };
}
/** What filesystem a folder is on. Only Linux tells; elsewhere it is taken for a disk. */
export async function filesystemOf(path) {
    return process.platform === 'linux' ? judgeFilesystem((await statfs(path)).type) : { kind: 'disk' };
}
//# sourceMappingURL=filesystem-type.js.map