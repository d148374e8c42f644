/** Compiled expressions at work on records: what is bound, what a result may be, and what an error says. */

import { type FieldNames, fieldNames } from '../codec/json-fields.ts'
import { type Json, type StreamRecord, valueWith } from '../record.ts'
import { type Environment, recordBindings } from './bindings.ts'
import { type Compiled, compileTree, type Reads } from './compile.ts'
import { evaluationError, type Place } from './failure.ts'
import type { FunctionTable } from './functions.ts'
import type { Limits } from './limits.ts'
import { plainJson } from './plain.ts'
import type { Program } from './syntax.ts'

/** What an expression on records is compiled with. */
export interface Setting {
  readonly environment: Environment
  readonly functions: FunctionTable
  readonly limits: Limits
  readonly clock: (() => number) | undefined
  readonly place: Place | undefined
}

type Evaluate = (record: StreamRecord) => Json | undefined

/** Undefined for what only the interpreter can evaluate. */
export function compiledOnRecords(program: Program, setting: Setting): Evaluate | undefined {
  const { text, tree, regexEngine } = program
  const { environment, functions, limits, clock, place } = setting
  const options = { limits, functions, regexEngine, ...(clock && { clock }) }
  const compiled = compileTree(text, tree, options)
  if (compiled.mode === 'interpreted') return undefined
  const bind = recordBindings(tree, environment)
  const wanted = fieldsIn(compiled.reads)
  return (record) => {
    try {
      return plain(evaluated(compiled, inputOf(record, wanted), bind?.(record)), limits)
    } catch (thrown) {
      throw evaluationError(text, thrown, place)
    }
  }
}

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
