import {
  type Batch,
  type Expression,
  type OptionValues,
  type RecordError,
  type SinkContext,
  type StreamRecord,
  visible,
} from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { inOrder } from '../../shared/in-order.ts'
import { isObject } from '../../shared/path.ts'
import type { options } from './options.ts'
import { prettyLine } from './pretty.ts'
import { type Cell, Table } from './table.ts'

/** What a batch is printed as, and the records that could not be. */
export interface Printed {
  readonly chunks: readonly Uint8Array[]
  readonly failed: ReadonlyMap<StreamRecord, RecordError>
}

export type Print = (batch: Batch) => Printed | Promise<Printed>

/** The options were checked: what a format needs is there. */
export function printerFor({ format, columns, template }: OptionValues<typeof options>, context: SinkContext): Print {
  const { stdout } = context
  if (format === 'pretty') {
    return ({ records }) => printed(records.map(({ value }) => prettyLine(value, stdout.colours)))
  }
  if (format === 'template') {
    const { render } = context.template(template ?? '', { written: visible })
    return (batch) => each(batch, render, (lines) => lines)
  }
  if (format === 'table') {
    return printTable(
      stdout,
      columns?.map((text) => context.expression(text)),
    )
  }
  return printEncoded(context)
}

function printEncoded({ encode, startBytes }: SinkContext): Print {
  let start = new Uint8Array()
  return (batch) => {
    const chunks = encode(batch, start)
    if (start.length === 0) start = Buffer.concat(chunks).subarray(0, startBytes)
    return { chunks, failed: NONE }
  }
}

function printTable(terminal: SinkContext['stdout'], columns: readonly Expression[] | undefined): Print {
  let layout: Layout | undefined
  return (batch) => {
    const [first] = batch.records
    if (first === undefined) return printed([])
    layout ??= columns === undefined ? fieldLayout(first, terminal) : columnLayout(columns, terminal)
    const { table, cellsOf } = layout
    return each(batch, cellsOf, (rows) => table.linesOf(rows))
  }
}

interface Layout {
  readonly table: Table
  readonly cellsOf: (record: StreamRecord) => Cell[] | Promise<Cell[]>
}

/** What has no fields stands in the first column. */
function fieldLayout({ value }: StreamRecord, terminal: SinkContext['stdout']): Layout {
  const names = isObject(value) ? Object.keys(value).slice(0, MOST_FIELDS) : []
  const fields = names.length > 0 ? names : ['value']
  const cellsOf = ({ value }: StreamRecord) =>
    isObject(value) ? fields.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined)) : [value]
  return { table: new Table(fields, terminal), cellsOf }
}

function columnLayout(columns: readonly Expression[], terminal: SinkContext['stdout']): Layout {
  return { table: new Table(columns.map(headerOf), terminal), cellsOf: (record) => results(columns, record) }
}

/** A name in backquotes is shown without them. */
function headerOf({ text }: Expression): string {
  return /^`([^`]+)`$/.exec(text)?.[1] ?? text.replace(/\s+/g, ' ').trim()
}

function results(columns: readonly Expression[], record: StreamRecord): Cell[] | Promise<Cell[]> {
  const cells: Cell[] = []
  const pending = inOrder(columns, (expression) => {
    const result = expression.evaluate(record)
    if (result instanceof Promise) return result.then((cell) => void cells.push(cell))
    cells.push(result)
    return undefined
  })
  return pending === undefined ? cells : pending.then(() => cells)
}

/** Records that cannot be rendered are left out of what is printed. */
function each<T>(
  batch: Batch,
  render: (record: StreamRecord) => T | Promise<T>,
  linesOf: (rendered: readonly T[]) => readonly string[],
): Printed | Promise<Printed> {
  const rendered: T[] = []
  const failed = new Map<StreamRecord, RecordError>()
  const out = { fail: (record: StreamRecord, error: RecordError) => void failed.set(record, error) }
  const done = inOrder(batch.records, (record) =>
    evaluateInto({ evaluate: render }, record, out, (one) => void rendered.push(one)),
  )
  const finish = () => printed(linesOf(rendered), failed)
  return done === undefined ? finish() : done.then(finish)
}

function printed(lines: readonly string[], failed: Printed['failed'] = NONE): Printed {
  return { chunks: lines.length === 0 ? [] : [Buffer.from(`${lines.join('\n')}\n`)], failed }
}

const NONE: Printed['failed'] = new Map()
const MOST_FIELDS = 20
