import type { Definition, PlacedText } from '../config/definition.ts'
import { functionTable } from '../expression/functions/index.ts'
import type { ExpressionOptions } from '../expression/index.ts'
import type { Evaluation } from '../plugin.ts'
import type { Environment } from './context.ts'

/** What the expressions and templates of a component are compiled with, by its name and their text. */
export type ExpressionOptionsOf = (component: string, text: string, how?: Evaluation) => ExpressionOptions

export function expressionOptions(
  { file, texts, tables, regexEngine }: Pick<Definition, 'file' | 'texts' | 'tables' | 'regexEngine'>,
  { clock, random, variables }: Pick<Environment, 'clock' | 'random' | 'variables'>,
): ExpressionOptionsOf {
  const shared = {
    environment: variables,
    functions: functionTable({ random, tables }),
    regexEngine,
    clock: () => clock.now(),
  }
  return (component, text, how) => {
    const own =
      how?.random === undefined ? shared : { ...shared, functions: functionTable({ random: how.random, tables }) }
    const placed = find(
      text,
      texts.filter((one) => one.component === component),
    )
    if (placed === undefined) return own
    const start = placed.text.indexOf(text)
    const place = (offset: number) => {
      const { line, column } = placed.placeAt(start + offset)
      return `${file}:${line}:${column}`
    }
    return { ...own, place }
  }
}

/** A plugin may compile a template part by part. */
function find(text: string, texts: readonly PlacedText[]): PlacedText | undefined {
  return (
    texts.find((one) => one.text === text) ??
    texts.find((one) => one.kind === 'template' && text.includes('{') && one.text.includes(text))
  )
}
