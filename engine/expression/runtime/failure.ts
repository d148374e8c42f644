/** An error of the language, with the package's own fields. `message` is made by whoever shows it. */
export class JsonataError extends Error {
  readonly code: string
  position?: number
  token?: unknown
  value?: unknown;
  [detail: string]: unknown

  constructor(code: string, details: Readonly<Record<string, unknown>>) {
    super(typeof details.message === 'string' ? details.message : code)
    this.name = 'JsonataError'
    this.code = code
    for (const [name, detail] of Object.entries(details)) if (name !== 'message') this[name] = detail
  }
}

export function fail(code: string, details: Readonly<Record<string, unknown>> = {}): never {
  throw new JsonataError(code, details)
}

/** What of a thrown error the calls around it complete. The package throws plain objects. */
export interface Thrown {
  position?: unknown
  token?: unknown
}

/** An operator says where it stands, whatever was said before. */
export function placed(thrown: unknown, token: string, position: number | undefined): unknown {
  if (isObject(thrown)) {
    thrown.position = position
    thrown.token = token
  }
  return thrown
}

/** A call says its place and name, as far as nothing inside of it has. */
export function called(thrown: unknown, token: unknown, position: number | undefined): unknown {
  if (isObject(thrown)) {
    if (!thrown.position) thrown.position = position
    if (!thrown.token) thrown.token = token
  }
  return thrown
}

/** What a call by name of a built-in function says: its own place wins. */
export function calledDirectly(thrown: unknown, token: unknown, position: number | undefined): unknown {
  if (isObject(thrown)) {
    if (thrown.token === undefined) thrown.token = token
    thrown.position = position || thrown.position
  }
  return called(thrown, token, position)
}

/** The same for a function that notes its calls: the last place counts, which may have been inside of this call. */
export function calledLast(thrown: unknown, last: Thrown, token: unknown, position: number | undefined): unknown {
  return called(calledDirectly(thrown, last.token, last.position as number | undefined), token, position)
}

function isObject(thrown: unknown): thrown is Thrown {
  return typeof thrown === 'object' && thrown !== null
}

/** Recursion that the stack of the machine ended is the language's own error for it. */
export function overflowed(thrown: unknown, depth: number | undefined): unknown {
  if (!(thrown instanceof RangeError) || !/call stack/i.test(thrown.message)) return thrown
  return new JsonataError('D1011', { value: depth })
}
