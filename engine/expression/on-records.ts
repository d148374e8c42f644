/** Compiled expressions at work on records: what is bound, what a result may be, and what an error says. */

import { type FieldNames, fieldNames } from '../fields.ts'
import { FramedRecord, type NO_FIELDS } from '../framed-record.ts'
import { type Json, type StreamRecord, valueWith } from '../record.ts'
import { type Environment, recordBindings } from './bindings.ts'
import { type Compiled, compileTree, type Reads } from './compile.ts'
import { evaluationError, type Place } from './failure.ts'
import type { FunctionTable } from './functions.ts'
import type { Limits } from './limits.ts'
import { plainJson } from './plain.ts'
import type { Program, SyntaxNode } from './syntax.ts'

/** What an expression on records is compiled with. */
export interface Setting {
  readonly environment: Environment
  readonly functions: FunctionTable
  readonly limits: Limits
  readonly clock: (() => number) | undefined
  readonly place: Place | undefined
}

type Evaluate = (record: StreamRecord) => Json | undefined

interface OnRecords {
  readonly evaluate: Evaluate
  /** It is this field, and nothing else. */
  readonly field?: FieldNames
}

/** Undefined for what only the interpreter can evaluate. */
export function compiledOnRecords(program: Program, setting: Setting): OnRecords | undefined {
  const { text, tree, regexEngine } = program
  const { environment, functions, limits, clock, place } = setting
  const options = { limits, functions, regexEngine, ...(clock && { clock }) }
  const compiled = compileTree(text, tree, options)
  if (compiled.mode === 'interpreted') return undefined
  const bind = recordBindings(tree, environment)
  const wanted = fieldsIn(compiled.reads)
  const evaluate: Evaluate = (record) => {
    try {
      return plain(evaluated(compiled, inputOf(record, wanted), bind?.(record)), limits)
    } catch (thrown) {
      throw evaluationError(text, thrown, place)
    }
  }
  if (wanted === undefined || limits.text < SHORT || !isOneField(tree)) return { evaluate }
  return { evaluate: directly(wanted, evaluate), field: wanted }
}

/** `price`, and nothing else. */
function isOneField(tree: SyntaxNode): boolean {
  const [step, ...others] = tree.type === 'path' ? (tree.steps as readonly SyntaxNode[]) : [tree]
  const nodes = step === tree ? [tree] : [tree, step]
  const isBare = nodes.every((node) => Object.keys(node as SyntaxNode).every((key) => BARE.includes(key)))
  return step?.type === 'name' && others.length === 0 && isBare
}

const BARE: readonly string[] = ['type', 'value', 'position', 'steps']

/** What stands in a field of a record that is still bytes needs no evaluation, unless it is more than a plain value. */
function directly(wanted: FieldNames, evaluate: Evaluate): Evaluate {
  return (record) => {
    if (!(record instanceof FramedRecord)) return evaluate(record)
    const field = record.fieldOf(wanted)
    return isPlain(field) ? field : evaluate(record)
  }
}

/** Neither limits nor the rules for lists have anything to say about it. */
function isPlain(field: Json | undefined | typeof NO_FIELDS): field is Json | undefined {
  if (typeof field === 'string') return field.length + 2 < SHORT
  if (typeof field === 'number') return Number.isFinite(field)
  return field === undefined || field === null || typeof field === 'boolean'
}

/** Characters, with quotes. */
const SHORT = 100

/** The fields at the top that it can touch; undefined when that may be any. */
function fieldsIn(reads: Reads): FieldNames | undefined {
  if (reads === 'everything' || reads.some(({ length }) => length === 0)) return undefined
  return fieldNames([...new Set(reads.map(([name]) => name as string))])
}

/** A record that is still bytes is not parsed for the sake of a few fields. */
function inputOf(record: StreamRecord, wanted: FieldNames | undefined): Json {
  return wanted === undefined ? record.value : valueWith(record, wanted)
}

/** The clock of the guard runs on while the machine sleeps or the process is stopped: time alone fails no record once. */
function evaluated({ evaluate }: Compiled, value: Json, bindings: Record<string, Json> | undefined): unknown {
  try {
    return evaluate(value, bindings)
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown } | undefined)?.code !== 'D1012') throw thrown
    return evaluate(value, bindings)
  }
}

function plain(result: unknown, limits: Limits): Json | undefined {
  if (result === undefined || result === null || typeof result === 'boolean') return result
  return plainJson(result, limits.text)
}
