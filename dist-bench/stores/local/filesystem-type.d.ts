/** What a folder's filesystem means for bytes that must survive. */
export type FilesystemVerdict = {
    kind: 'network' | 'passing';
    name: string;
} | {
    kind: 'disk';
};
/** What a `f_type` number stands for. */
export declare function judgeFilesystem(type: number): FilesystemVerdict;
/** What filesystem a folder is on. Only Linux tells; elsewhere it is taken for a disk. */
export declare function filesystemOf(path: string): Promise<FilesystemVerdict>;
