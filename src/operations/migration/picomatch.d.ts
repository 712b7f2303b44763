declare module 'picomatch' {
  interface Options {
    readonly dot?: boolean
    readonly ignore?: readonly string[]
    readonly basename?: boolean
  }
  /** Makes a function that tells whether a path matches one of the globs. */
  function picomatch(globs: readonly string[], options?: Options): (path: string) => boolean
  export = picomatch
}
