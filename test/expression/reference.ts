import jsonata from 'jsonata'
import { BUILTIN_NAMES } from './grammar/index.ts'

/** The package's interpreter, which is right by definition. Throws what it throws for text that is no expression. */
export function reference(text: string): jsonata.Expression {
  return jsonata(text, { timeout: PATIENCE, RegexEngine: Pattern as RegExpConstructor })
}

/**
 * The package copies the left side of `?:` and `??` by way of JSON, which makes `{}` of a regular expression: it then
 * matches other texts, for ever. Such an evaluation counts as one that has used up its time.
 */
class Pattern extends RegExp {
  constructor(literal: RegExp) {
    super(literal)
    if (!(literal instanceof RegExp)) throw { code: 'D1012' }
  }
}

/**
 * The package notes on its own functions where they were called last, in whatever expression, and blames that place for
 * errors of calls that it has not noted (`$map(w, $number)`). A judge must not depend on what ran before.
 */
export function forgetCalls(): void {
  for (const native of NATIVES) {
    delete native.token
    delete native.position
  }
}

/** Milliseconds: nothing that the grammar writes takes so long, except by accident. */
const PATIENCE = 3000

interface Native {
  token?: unknown
  position?: unknown
}

const NATIVES = natives()

/** The package hands its functions only to running expressions; its hook runs before `evaluate` first awaits. */
function natives(): readonly Native[] {
  const found: Native[] = []
  const probe = jsonata('0')
  const hook = (_node: unknown, _input: unknown, environment: jsonata.Environment) => {
    for (const name of BUILTIN_NAMES) found.push(environment.lookup(name))
  }
  probe.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, hook)
  void probe.evaluate(undefined)
  return found
}
