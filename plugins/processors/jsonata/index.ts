import {
  defineProcessor,
  type Expression,
  type FieldNames,
  fieldNames,
  type OptionValues,
  type Processor,
  type ProcessorContext,
  RecordError,
  type StreamRecord,
  withValue,
} from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import type { Fault } from '../../shared/fault.ts'
import { inOrder } from '../../shared/in-order.ts'
import { type Path, parsePath } from '../../shared/path.ts'
import { type Change, changed } from './change.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'jsonata',
  summary: 'Replaces the value of each record, or sets and removes fields of it.',
  options,
  overRecords: ['expression', 'set'],
  keeps: 'nothing',
  check: (given) => ({ faults: [...choiceFaults(given), ...pathFaults(given)] }),
  open: (given, context) =>
    given.expression === undefined
      ? changing(changeOf(given, context))
      : replacing(context.expression(given.expression)),
})

type Given = OptionValues<typeof options>

function replacing(expression: Expression): Processor {
  return eachRecord(expression, (record, result) => {
    if (result !== undefined) return result === record.value ? record : withValue(record, result)
    const message = 'the expression yields nothing, and a record needs a value'
    throw new RecordError('SR_EXPRESSION_EMPTY', message, { expression: expression.text })
  })
}

function changing(change: Change): Processor {
  return eachRecord({ evaluate: (record) => changed(record, change) }, (_, made) => made)
}

/** A record whose value did not change goes on as it is, with its original bytes. */
function eachRecord<T>(
  work: { evaluate(record: StreamRecord): T | Promise<T> },
  madeOf: (record: StreamRecord, result: T) => StreamRecord,
): Processor {
  return {
    process(batch, out) {
      const emit = (result: T, record: StreamRecord) => out.emit(madeOf(record, result))
      return inOrder(batch.records, (record) => evaluateInto(work, record, out, emit))
    },
  }
}

/** The options were checked: every path is one. */
function changeOf({ set, unset }: Given, context: ProcessorContext): Change {
  const removed = (unset ?? []).map((path) => parsePath(path) as Path)
  const written = [...(set ?? [])].map(([path, text]) => ({
    path: parsePath(path) as Path,
    expression: context.expression(text),
  }))
  return { unset: removed, set: written, names: removed.length > 0 ? undefined : topNames(written) }
}

function topNames(written: Change['set']): FieldNames | undefined {
  return written.every(({ path }) => path.length === 1)
    ? fieldNames(written.map(({ path }) => path[0] as string))
    : undefined
}

function choiceFaults({ expression, set, unset }: Given): Fault[] {
  const changes = set !== undefined || unset !== undefined
  if (expression === undefined && !changes) {
    return [{ path: [], code: 'SR_MISSING_OPTION', message: 'one of expression, set and unset is needed' }]
  }
  if (expression === undefined || !changes) return []
  const message = 'expression replaces the whole value: write either it, or set and unset'
  return [{ path: ['expression'], code: 'SR_OPTION_REFUSED', message }]
}

function pathFaults({ set, unset }: Given): Fault[] {
  const setPaths = set === undefined ? [] : [...set.keys()]
  return [
    ...setPaths.flatMap((text) => pathFault(text, ['set', text])),
    ...(unset ?? []).flatMap((text, index) => pathFault(text, ['unset', index])),
  ]
}

function pathFault(text: string, path: Fault['path']): Fault[] {
  if (parsePath(text) !== undefined) return []
  const message = `${text} is no path: write names with dots between them, and a name that has dots in backquotes`
  return [{ path, code: 'SR_BAD_VALUE', message }]
}
