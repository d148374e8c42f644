/** One promise of the language, kept by compiled and interpreted expressions alike. */
export interface Case {
  readonly promise: string
  readonly expression: string
  readonly input?: unknown
  readonly bindings?: Record<string, unknown>
  /** `undefined` where the result is nothing. */
  readonly gives?: unknown
  /** The code of the error. */
  readonly fails?: string
}

export const nothing = undefined
