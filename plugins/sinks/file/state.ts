/** A file as a checkpoint knows it (F-3). */
export type FileMark = { readonly inode: string; readonly length: number }

/** What it takes to come back to exactly one moment. */
export type FileState = {
  /** By path: files that were touched since the state before, or were open. */
  readonly files: { readonly [path: string]: FileMark }
  /** Intents from this number on came after this state. */
  readonly intents: number
}

export function markOf(state: FileState, path: string): FileMark | undefined {
  return Object.hasOwn(state.files, path) ? state.files[path] : undefined
}
