/** What is used of the package tail-file 1.4.16, which has no types of its own. */
declare module 'tail-file' {
  import type { EventEmitter } from 'node:events'

  interface Match {
    [Symbol.match](line: string): readonly string[] | null
  }

  export default class Tail extends EventEmitter {
    constructor(filename: string, options?: { readonly encoding?: string })
    /** What was read of the file and is not a line yet. */
    txt: string
    /** Where the line that was looked at last begins, and where it ends. */
    posLast: number
    posNext: number
    onLine(error: Error): unknown
    findStart(match: Match, compare: (found: string) => number): Promise<unknown>
    findStartInFile(filename: string, match: Match, compare: (found: string) => number): Promise<string>
    startP(filename: string): Promise<boolean>
    getLine(): unknown
    readStuff(): unknown
    decode(chunk: Buffer | null): unknown
  }
}
