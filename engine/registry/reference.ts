import { commonOptions } from '../config/component-options.ts'
import { FILE_OPTIONS } from '../config/schema.ts'
import { ERRORS, EXIT_MEANINGS, RECORD_ERRORS } from '../errors.ts'
import { type JsonSchema, objectSchema } from '../options.ts'
import type { Plugin } from '../plugin.ts'
import type { Json } from '../record.ts'

/** The tables of the READMEs, as Markdown. */

/** One line of a table of options; names, words and defaults in backquotes. */
export interface OptionRow {
  readonly name: string
  readonly value: string
  /** `required` when there must be one; empty when there is none and none is needed. */
  readonly fallback: string
  readonly description: string
}

/** The options of a plugin: its own first, then those that the engine adds. */
export function optionTable(plugin: Plugin): string {
  return tableOf(optionRows(plugin))
}

export function optionRows(plugin: Plugin): readonly OptionRow[] {
  const { type: _, ...common } = commonOptions(plugin)
  return rowsOf(objectSchema({ ...plugin.options, ...common }), '')
}

/** The keys of a pipeline file beside its sections. */
export function fileTable(): string {
  return tableOf(rowsOf(objectSchema(FILE_OPTIONS), ''))
}

export function pluginTable(plugins: readonly Plugin[]): string {
  const rows = plugins.map(({ kind, type, summary }) => [
    kind,
    `[${type}](plugins/${kind}s/${type}/README.md)`,
    summary,
  ])
  return table(['kind', 'type', 'what it does'], rows)
}

export function exitTable(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => [code, meaning])
  return table(['code', 'meaning'], rows)
}

/** What ends a pipeline, with its exit code, then what fails a single record. */
export function errorTable(): string {
  const ends = Object.entries(ERRORS).map(([code, { exit, meaning, remedy }]) => [code, String(exit), meaning, remedy])
  const fails = Object.entries(RECORD_ERRORS).map(([code, { meaning, remedy }]) => [code, 'record', meaning, remedy])
  return table(['code', 'exit', 'meaning', 'what to do'], [...ends, ...fails])
}

function tableOf(rows: readonly OptionRow[]): string {
  const cells = rows.map(({ name, value, fallback, description }) => [name, value, fallback, description])
  return table(['option', 'value', 'default', 'what it does'], cells)
}

/** Options inside an option stand below it: `top.n`, `rules[].name` for those of the items of a list, `fields.*.of` of a map. */
function rowsOf(schema: JsonSchema | undefined, prefix: string): readonly OptionRow[] {
  const properties = Object.entries((schema?.properties ?? {}) as { readonly [name: string]: JsonSchema })
  const required = (schema?.required ?? []) as readonly string[]
  return properties.flatMap(([name, option]) => {
    const row = {
      name: `\`${prefix}${name}\``,
      value: valueText(option),
      fallback: defaultOf(option, required.includes(name)),
      description: String(option.description),
    }
    const inside = [
      ...rowsOf(option, `${prefix}${name}.`),
      ...rowsOf(option.items as JsonSchema | undefined, `${prefix}${name}[].`),
      ...rowsOf(option.additionalProperties as JsonSchema | undefined, `${prefix}${name}.*.`),
    ]
    // A group that is always there is no more than the options in it.
    return option.properties !== undefined && option.default !== undefined ? inside : [row, ...inside]
  })
}

const FORMATS: Readonly<Record<string, string>> = {
  duration: 'duration',
  'positive-duration': 'duration',
  period: 'duration, or `1 day`, `1 week`, ...',
  size: 'size',
  jsonata: 'expression',
  template: 'template',
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
}

function valueText(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${word}\``).join(', ')
  if (Array.isArray(schema.type)) return schema.format === 'jsonata' ? 'expression, list or map' : 'text or list'
  if (schema.$ref !== undefined || schema.properties !== undefined) return 'options'
  if (schema.type === undefined) return 'any value'
  if (schema.type === 'array') return `list of ${valueText(schema.items as JsonSchema)}`
  if (schema.type === 'object') {
    const { additionalProperties: values } = schema
    return values === undefined ? 'map' : `map to ${valueText(values as JsonSchema)}`
  }
  return FORMATS[String(schema.format)] ?? TYPES[String(schema.type)] ?? String(schema.type)
}

function defaultOf({ default: fallback }: JsonSchema, required: boolean): string {
  if (fallback !== undefined) return `\`${showJson(fallback)}\``
  return required ? 'required' : ''
}

function showJson(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Columns are as wide as their widest cell, as the formatter wants them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...cells.map(line)].join('\n')
}
