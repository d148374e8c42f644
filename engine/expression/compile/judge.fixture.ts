import jsonata from 'jsonata'
import { type CompileOptions, compile } from '../compile.ts'
import { NAMES } from '../runtime/natives.ts'

/** What an evaluation came to, in a form that two evaluations can be compared in. */
export type Outcome =
  | { readonly value: string | undefined }
  | { readonly code: unknown; readonly position: unknown; readonly token: unknown }

/** The outcome in the package's interpreter. */
export async function judged(text: string, input: unknown, bindings?: Record<string, unknown>): Promise<Outcome> {
  return outcomeOf(async () => {
    const expression = jsonata(text)
    await forget()
    return expression.evaluate(copy(input), bindings && copy(bindings))
  })
}

/** The package leaves notes about calls on its functions, which turn up in the errors of other expressions. */
async function forget(): Promise<void> {
  const probe = jsonata('0')
  probe.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, (...seen: unknown[]) => {
    const environment = seen[2] as jsonata.Environment
    for (const name of NAMES) {
      const native = environment.lookup(name)
      delete native.token
      delete native.position
    }
  })
  await probe.evaluate(undefined)
}

/** The outcome in compiled code. */
export async function compiled(
  text: string,
  input: unknown,
  bindings?: Record<string, unknown>,
  options?: CompileOptions,
): Promise<Outcome> {
  return outcomeOf(async () => compile(text, options).evaluate(input, bindings))
}

async function outcomeOf(evaluate: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: shown(await evaluate()) }
  } catch (thrown) {
    const { code, position, token } = thrown as Record<string, unknown>
    return { code, position, token }
  }
}

/** JSON keeps neither functions nor -0 and the like apart. */
function shown(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => {
    if (isFunction(part)) return 'a function'
    if (typeof part === 'number' && (!Number.isFinite(part) || Object.is(part, -0))) return `number ${part}`
    return part
  })
}

function isFunction(part: unknown): boolean {
  if (typeof part === 'function') return true
  if (typeof part !== 'object' || part === null) return false
  return '_jsonata_lambda' in part || '_jsonata_function' in part
}

function copy<T>(value: T): T {
  return value === undefined ? value : structuredClone(value)
}
