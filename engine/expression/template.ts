import { RecordError } from '../errors.ts'
import type { Json, StreamRecord } from '../record.ts'
import { compileExpression, type ExpressionOptions, type Place } from './index.ts'
import { parseTemplate, type TemplatePart } from './template-syntax.ts'
import { formatTime } from './time-code.ts'

export { parseTemplate, type TemplatePart, TemplateSyntaxError } from './template-syntax.ts'

/** Text with `{expression}` per record and `%Y-%m-%d` of the event time in UTC. */
export interface Template {
  /** What stands before the first placeholder. */
  readonly prefix: string
  /** True when every record renders to the same text. */
  readonly constant: boolean
  /**
   * The text for one record; a promise only when an expression needs one. Throws, or rejects with, a `RecordError`
   * when an expression fails or yields nothing.
   */
  render(record: StreamRecord): string | Promise<string>
}

export interface TemplateOptions extends ExpressionOptions {
  /** Turns what a placeholder yields into what stands in its place, for instance to escape it. */
  readonly written?: ((text: string) => string) | undefined
}

/** Throws `TemplateSyntaxError`. */
export function compileTemplate(text: string, options: TemplateOptions = {}): Template {
  const parts = parseTemplate(text, options.regexEngine)
  const [first] = parts
  const prefix = first?.kind === 'text' ? first.text : ''
  if (parts.every((part) => part.kind === 'text')) return { prefix, constant: true, render: () => prefix }
  const writers = parts.map((part) => writerOf(part, options))
  return { prefix, constant: false, render: (record) => renderFrom(0, '', writers, record) }
}

type Writer = (record: StreamRecord) => string | Promise<string>

function writerOf(part: TemplatePart, options: TemplateOptions): Writer {
  if (part.kind === 'text') return () => part.text
  if (part.kind === 'time') return (record) => formatTime(record.timestamp, part.code)
  const { place } = options
  const inside = place && ((offset: number) => place(part.position + offset))
  const expression = compileExpression(part.expression, { ...options, place: inside })
  const { written = (text) => text } = options
  const write = (value: Json | undefined) => written(textOf(value, part.expression, inside))
  return (record) => {
    const result = expression.evaluate(record)
    return result instanceof Promise ? result.then(write) : write(result)
  }
}

/** Goes on without a promise for as long as no part needs one. */
function renderFrom(
  index: number,
  before: string,
  writers: readonly Writer[],
  record: StreamRecord,
): string | Promise<string> {
  let text = before
  for (let at = index; at < writers.length; at++) {
    const written = (writers[at] as Writer)(record)
    if (typeof written !== 'string') return written.then((more) => renderFrom(at + 1, text + more, writers, record))
    text += written
  }
  return text
}

function textOf(value: Json | undefined, expression: string, place: Place | undefined): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const subject = `the placeholder {${expression}}${place === undefined ? '' : ` at ${place(0)}`}`
  if (value === undefined) {
    throw new RecordError('SR_EXPRESSION_EMPTY', `${subject} yields nothing`, { expression })
  }
  const shape = value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
  const message = `${subject} yields ${shape}: only text, numbers and booleans have a place in a text`
  throw new RecordError('SR_RECORD_SHAPE', message, { expression })
}
