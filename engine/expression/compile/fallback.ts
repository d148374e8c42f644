import type { CompileOptions } from '../compile.ts'
import { jsonataPackage } from '../package.ts'
import { copyOf } from '../runtime/copy.ts'
import { tellTime } from '../runtime/natives.ts'

/** Evaluation in the package's interpreter, one after the other: it keeps state per expression. */
export function interpretedPlain(
  text: string,
  { limits = {}, functions = {}, regexEngine, clock }: CompileOptions,
): (input: unknown, bindings?: Readonly<Record<string, unknown>>) => Promise<unknown> {
  const runnable = jsonataPackage()(text, {
    ...(limits.time === undefined ? {} : { timeout: limits.time }),
    ...(limits.depth === undefined ? {} : { stack: limits.depth }),
    ...(limits.sequence === undefined ? {} : { sequence: limits.sequence }),
    ...(regexEngine === undefined ? {} : { RegexEngine: regexEngine }),
  })
  for (const [name, { signature, implementation }] of Object.entries(functions)) {
    runnable.registerFunction(name, implementation as (...args: unknown[]) => unknown, signature)
  }
  const begin = clock === undefined ? undefined : tellTime(runnable, clock)
  let last: Promise<unknown> = Promise.resolve()
  return (input, bindings) => {
    const mine = last.then(() => {
      begin?.()
      return runnable.evaluate(copyOf(input), copyOf(bindings) as Record<string, unknown>)
    })
    last = mine.catch(() => undefined)
    return mine
  }
}
