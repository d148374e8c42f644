/**
 * JavaScript in the making. Nothing that a user wrote is ever part of the text: literals and names stand in a table of
 * constants, but for field names of letters and digits.
 */
export class Code {
  readonly constants: unknown[] = []
  readonly #lines: string[] = []
  readonly #known = new Map<unknown, string>()
  #names = 0

  line(text: string): void {
    this.#lines.push(text)
  }

  /** A line that is filled in later, or stays empty. */
  reserve(): number {
    return this.#lines.push('') - 1
  }

  fill(line: number, text: string): void {
    this.#lines[line] += text
  }

  name(): string {
    this.#names += 1
    return `t${this.#names}`
  }

  /** A new name for the value of a JavaScript expression. */
  let(js: string): string {
    const name = this.name()
    this.line(`let ${name} = ${js}`)
    return name
  }

  constant(value: unknown): string {
    const known = this.#known.get(value)
    if (known !== undefined && !Object.is(value, -0)) return known
    const name = `k${this.constants.push(typeof value === 'string' ? internalized(value) : value) - 1}`
    this.#known.set(value, name)
    return name
  }

  text(): string {
    return this.#lines.filter((line) => line !== '').join('\n')
  }
}

/**
 * The same text as the engine holds names of fields and texts of source code: one copy of each, so that two are equal where
 * they are the same. The parser puts its texts together character by character, and comparing those costs a call.
 */
function internalized(text: string): string {
  return Object.keys({ [text]: true })[0] as string
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** How a field is read once it is known to be the object's own. */
export function fieldOf(code: Code, object: string, name: string): string {
  return PLAIN_NAME.test(name) ? `${object}.${name}` : `${object}[${code.constant(name)}]`
}

/** How a field is written in an object literal: as its own, whatever its name. */
export function fieldName(code: Code, name: string): string {
  return PLAIN_NAME.test(name) && name !== '__proto__' ? `${name}` : `[${code.constant(name)}]`
}

/** True for names that an object has from nowhere else: assigning to them makes a field of its own, and quickly. */
export function isOrdinary(name: string): boolean {
  return PLAIN_NAME.test(name) && !(name in Object.prototype)
}

export function number(value: number): string {
  if (Object.is(value, -0)) return '-0'
  return value < 0 ? `(${value})` : String(value)
}
