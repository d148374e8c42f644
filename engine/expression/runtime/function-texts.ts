/** What functions of the package are as text: where no types are checked, one can be taken for a text. */

import { jsonataPackage } from '../package.ts'

/** Of functions that are arguments: all are wrapped alike. */
export function textOfArguments(): string {
  return WRAPPED
}

const WRAPPED = `async function (...params) {
                    // invoke func
                    return await apply(arg, params, null, environment);
                }`

/** Of the function that a regular expression is. */
export function textOfRegexes(): string {
  regexText ??= regexTextOfPackage()
  return regexText
}

let regexText: string | undefined

/** The package's hook runs before `evaluate` first awaits. */
function regexTextOfPackage(): string {
  const probe = jsonataPackage()('/a/')
  let text = ''
  const hook = (_node: unknown, _input: unknown, _environment: unknown, regex: unknown) => {
    text = String(regex)
  }
  probe.assign(Symbol.for('jsonata.__evaluate_exit') as unknown as string, hook)
  void probe.evaluate(undefined)
  return text
}
