/** What an evaluation came to, as text: equal texts mean that nobody can tell the two apart. */
export interface Outcome {
  readonly failed: boolean
  readonly text: string
}

/** `evaluate` may answer with a promise. */
export async function outcomeOf(evaluate: () => unknown): Promise<Outcome> {
  try {
    return { failed: false, text: show(await evaluate()) }
  } catch (thrown) {
    return { failed: true, text: showError(thrown) }
  }
}

/**
 * What is nobody's promise: where the stack, the memory or the patience is at its end, what an object is as a text
 * where no text can be, and how the package's own functions are written.
 */
export function isIncomparable({ failed, text }: Outcome): boolean {
  return failed
    ? /^(?:D1011|D1012|RangeError: Maximum call stack|RangeError: Invalid string length|TypeError)/.test(text)
    : text.includes('function (')
}

/**
 * Like JSON, but tells -0 from 0, undefined from null, and shows every property: marks on an array, the order of keys,
 * an own `__proto__`. Functions are all alike.
 */
export function show(value: unknown, marks: 'with marks' | 'without marks' = 'without marks'): string {
  const show = new Show(marks === 'with marks')
  show.add(value, 0)
  return show.text
}

/** Beyond these, values are cut off: some expressions make a value that contains itself. */
const LONGEST = 100_000
const DEEPEST = 60

class Show {
  text = ''
  readonly #marks: boolean

  constructor(marks: boolean) {
    this.#marks = marks
  }

  add(value: unknown, depth: number): void {
    if (depth > DEEPEST || this.text.length > LONGEST) this.text += '...'
    else if (isFunction(value)) this.text += 'function'
    else if (Array.isArray(value)) this.#array(value, depth)
    else if (value !== null && typeof value === 'object') this.#object(Object.entries(value), depth)
    else this.text += Object.is(value, -0) ? '-0' : typeof value === 'string' ? JSON.stringify(value) : String(value)
  }

  #array(items: readonly unknown[], depth: number): void {
    this.text += '['
    for (let index = 0; index < items.length && this.text.length <= LONGEST; index++) {
      if (index > 0) this.text += ','
      this.add(items[index], depth + 1)
    }
    this.text += ']'
    if (this.#marks) this.text += Object.keys(items).slice(items.length).join()
  }

  #object(entries: readonly (readonly [string, unknown])[], depth: number): void {
    this.text += '{'
    for (const [name, part] of entries) {
      this.text += `${JSON.stringify(name)}:`
      this.add(part, depth + 1)
      this.text += ','
    }
    this.text += '}'
  }
}

/** V8's words: the package makes objects without a prototype, and then fails where one is taken for a text. */
const NO_TEXT = 'Cannot convert object to primitive value'

function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true
  if (value === null || typeof value !== 'object') return false
  const { _jsonata_lambda, _jsonata_function } = value as Record<string, unknown>
  return _jsonata_lambda === true || _jsonata_function === true
}

/** JSONata's errors by code, position and token; others, which are faults of the interpreter itself, by their place alone. */
function showError(thrown: unknown): string {
  if (thrown === null || typeof thrown !== 'object') return `threw ${show(thrown)}`
  const { code, position, token, name, message } = thrown as Partial<Record<string, unknown>>
  if (typeof code === 'string') return `${code} at ${show(position)}, token ${show(token)}`
  if (name === 'RangeError' || message === NO_TEXT) return `${name}: ${message}`
  return `a fault of its own at ${show(position)}`
}
