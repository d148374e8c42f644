/** Functions beyond the language's own, by the name after the `$`. */
export interface FunctionTable {
  readonly [name: string]: OwnFunction
}

export interface OwnFunction {
  /** Of the kind that JSONata has, `<s-n?:s>`: arguments that do not fit are errors. None: anything goes. */
  readonly signature?: string
  /** Synchronous, without effects; fails by throwing `{ code }`. */
  readonly implementation: (...args: never[]) => unknown
}
