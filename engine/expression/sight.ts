import { didYouMean } from '../config/nearest.ts'
import { inputNames } from './input-names.ts'
import { type NameFault, reboundIn } from './names.ts'
import type { RegexEngineName } from './regex-engine.ts'
import { nodesOf, type SyntaxNode, syntaxTree } from './syntax.ts'
import { parseTemplate } from './template-syntax.ts'

/** A text whose syntax was checked. */
interface Text {
  readonly kind: 'expression' | 'template'
  readonly text: string
}

interface Seen {
  /** The fields that the input can have at its top. */
  readonly fields: readonly string[]
  readonly clock: boolean
}

/** What a text names that is not there for it to see. Positions are offsets in the text. */
export function sightFaults(text: Text, seen: Seen, engine: RegexEngineName): readonly NameFault[] {
  return expressionsIn(text, engine).flatMap(({ expression, position }) => {
    const tree = syntaxTree(expression)
    const faults = [...fieldFaults(tree, expression, seen), ...(seen.clock ? [] : clockFaults(tree))]
    return faults.map((fault) => ({ ...fault, position: position + fault.position }))
  })
}

function expressionsIn({ kind, text }: Text, engine: RegexEngineName): { expression: string; position: number }[] {
  if (kind === 'expression') return [{ expression: text, position: 0 }]
  return parseTemplate(text, engine).filter((part) => part.kind === 'expression')
}

function fieldFaults(tree: SyntaxNode, text: string, { fields }: Seen): NameFault[] {
  const there = fields.length === 0 ? 'there is none' : `there can be ${fields.join(', ')}`
  return inputNames(tree, text)
    .filter(({ name }) => !fields.includes(name))
    .map(({ name, position, length }) => {
      const hint = didYouMean(name, fields) ?? there
      return { position, length, message: `there can be no field "${name}" here`, hint }
    })
}

const CLOCK = ['now', 'millis']

function clockFaults(tree: SyntaxNode): NameFault[] {
  const rebound = reboundIn(tree)
  return [...nodesOf(tree)]
    .filter(
      ({ type, value }) => type === 'variable' && CLOCK.includes(String(value)) && !rebound.includes(String(value)),
    )
    .map(({ value, position = 0 }) => {
      const length = String(value).length + 1
      const message = `there is no $${value} here: a restart makes the value again, and it must be the same then`
      return { position: position - length, length, message, hint: undefined }
    })
}
