import {
  type Check,
  defineProcessor,
  type Expression,
  type Json,
  type OptionValues,
  type Processor,
  type ProcessorContext,
  RecordError,
  type StreamRecord,
  withValue,
} from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { inOrder } from '../../shared/in-order.ts'
import { type Path, parsePath } from '../../shared/path.ts'
import { type Change, changedValue } from './change.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'jsonata',
  summary: 'Replaces the value of each record, or sets and removes fields of it.',
  options,
  check: (given) => ({ faults: [...choiceFaults(given), ...pathFaults(given)] }),
  open: (given, context) =>
    given.expression === undefined
      ? changing(changeOf(given, context))
      : replacing(context.expression(given.expression)),
})

type Given = OptionValues<typeof options>
type Fault = NonNullable<Check['faults']>[number]

function replacing(expression: Expression): Processor {
  return eachValue(expression, (result) => {
    if (result !== undefined) return result
    const message = 'the expression yields nothing, and a record needs a value'
    throw new RecordError('SR_EXPRESSION_EMPTY', message, { expression: expression.text })
  })
}

function changing(change: Change): Processor {
  return eachValue({ evaluate: (record) => changedValue(record, change) }, (value) => value as Json)
}

/** A record whose value did not change goes on as it is, with its original bytes. */
function eachValue(source: Pick<Expression, 'evaluate'>, checked: (result: Json | undefined) => Json): Processor {
  return {
    process: (batch, out) =>
      inOrder(batch.records, (record) =>
        evaluateInto(source, record, out, (result) => out.emit(carrying(record, checked(result)))),
      ),
  }
}

function carrying(record: StreamRecord, value: Json): StreamRecord {
  return value === record.value ? record : withValue(record, value)
}

/** The options were checked: every path is one. */
function changeOf({ set, unset }: Given, context: ProcessorContext): Change {
  return {
    unset: (unset ?? []).map((path) => parsePath(path) as Path),
    set: [...(set ?? [])].map(([path, text]) => ({
      path: parsePath(path) as Path,
      expression: context.expression(text),
    })),
  }
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
