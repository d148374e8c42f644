import {
  type Check,
  type CheckContext,
  defineProcessor,
  didYouMean,
  type Json,
  type JsonObject,
  messageOf,
  type OptionValues,
  type Output,
  parseTable,
  RecordError,
  readReference,
  type StreamRecord,
  StreamrunError,
  withValue,
} from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { inOrder } from '../../shared/in-order.ts'
import { isObject, parsePath, withField } from '../../shared/path.ts'
import { openLookup } from './lookup.ts'
import { options } from './options.ts'

type Given = OptionValues<typeof options>

export default defineProcessor({
  type: 'enrich',
  summary: 'Adds to each record the row of a table that belongs to it.',
  options,
  overRecords: ['by'],
  keeps: 'nothing',
  check: async (given, context) => ({ faults: await faultsOf(given, context) }),
  async open(given, context) {
    const { table, key, by, as, fields, missing, reload } = given
    const lookup = await openLookup(table, key, reload, context)
    const wanted = context.expression(by)
    const path = parsePath(as) ?? []

    let without = 0

    function enrich(record: StreamRecord, found: Json | undefined, out: Output): void {
      const row = typeof found === 'string' || typeof found === 'number' ? lookup.row(String(found)) : undefined
      if (row === undefined) passOver(record, found, out)
      else out.emit(withRow(record, row))
    }

    function withRow(record: StreamRecord, row: Json): StreamRecord {
      const value = isObject(record.value) ? withField(record.value, path, rowOf(row, fields)) : undefined
      if (value === undefined) throw new RecordError('SR_RECORD_SHAPE', `there is no place for the field ${as}`)
      return withValue(record, value)
    }

    function passOver(record: StreamRecord, found: Json | undefined, out: Output): void {
      if (missing === 'fail') {
        const reason = found === undefined ? '`by` yields nothing' : `${table} has no row for it`
        throw new RecordError('SR_NO_ROW', reason, { expression: by })
      }
      without += 1
      if (missing === 'pass') out.emit(record)
    }

    function report(): void {
      context.metrics.count(missing === 'drop' ? 'dropped' : 'missing', without)
      without = 0
    }

    return {
      process(batch, out) {
        const done = inOrder(batch.records, (record) =>
          evaluateInto(wanted, record, out, (found) => enrich(record, found, out)),
        )
        return done === undefined ? report() : done.then(report)
      },
      wakeAt: () => ({ clock: lookup.due }),
      wake: (time) => (time.kind === 'clock' ? lookup.look() : undefined),
    }
  },
})

function rowOf(row: Json, fields: readonly string[] | undefined): Json {
  if (fields === undefined || !isObject(row)) return row
  return Object.fromEntries(fields.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name] as Json]))
}

async function faultsOf(
  { table, key, as, fields }: Given,
  context: CheckContext,
): Promise<NonNullable<Check['faults']>> {
  const place =
    parsePath(as) === undefined ? [{ path: ['as'], code: 'SR_BAD_VALUE', message: 'is no path' } as const] : []
  try {
    const rows = parseTable(table, await readReference(table, context), key)
    return [...place, ...unknownFields(rows.values().next().value, fields ?? [])]
  } catch (error) {
    const code = error instanceof StreamrunError ? error.code : 'SR_TABLE_INVALID'
    return [...place, { path: ['table'], code, message: messageOf(error) }]
  }
}

/** The first row tells what a table has. */
function unknownFields(first: Json | undefined, fields: readonly string[]): NonNullable<Check['faults']>[number][] {
  if (first === undefined || !isObject(first)) return []
  const known = Object.keys(first as JsonObject)
  return fields.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [
          {
            path: ['fields', index],
            code: 'SR_BAD_VALUE',
            message: `the rows have no field "${name}"`,
            hint: didYouMean(name, known),
          },
        ],
  )
}
