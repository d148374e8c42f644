import { SECTIONS } from '../config/schema.ts'
import type { Plugin } from '../plugin.ts'
import type { Json } from '../record.ts'
import { idOf, pluginSchema } from './editor-schema.ts'
import { EXAMPLES } from './examples.ts'
import { type OptionRow, optionRows } from './reference.ts'
import { wrapText } from './wrap.ts'

/** What `streamrun plugins` shows, as text for a terminal and as data. */

const KINDS = Object.values(SECTIONS)

/** Every plugin with its summary, under its kind. */
export function listPlugins(plugins: readonly Plugin[]): string {
  const width = Math.max(...plugins.map(({ type }) => type.length))
  const blocks = KINDS.map((kind) => {
    const lines = plugins
      .filter((plugin) => plugin.kind === kind)
      .map(({ type, summary }) => `  ${type.padEnd(width)}  ${summary}`)
    return lines.length === 0 ? [] : [[`${kind}s`, ...lines].join('\n')]
  })
  return `${blocks.flat().join('\n\n')}\n`
}

/** One plugin: what it does and promises, an example, and every option; lines are `columns` long at most. */
export function explainPlugin(plugin: Plugin, columns: number): string {
  const delivery = deliveryOf(plugin)
  const example = EXAMPLES[idOf(plugin)]
  const parts = [
    `${plugin.kind} ${plugin.type}\n${wrapText(plugin.summary, columns, '  ')}`,
    ...(delivery === undefined
      ? []
      : [`Delivery: ${delivery}; \`streamrun validate FILE\` tells what its options make of it`]),
    ...(example === undefined ? [] : [`Example:\n\n${example.trimEnd().replaceAll(/^(?=.)/gm, '  ')}`]),
    `Options:\n\n${optionRows(plugin)
      .map((row) => explainOption(row, columns))
      .join('\n')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The same as data: the options are a JSON Schema. */
export function pluginData(plugin: Plugin): { readonly [name: string]: Json | undefined } {
  const { kind, type, summary } = plugin
  return {
    kind,
    type,
    summary,
    delivery: deliveryOf(plugin),
    example: EXAMPLES[idOf(plugin)],
    schema: pluginSchema(plugin),
  }
}

function deliveryOf(plugin: Plugin): string | undefined {
  return 'delivery' in plugin ? plugin.delivery : undefined
}

function explainOption({ name, value, fallback, description }: OptionRow, columns: number): string {
  const about = fallback === '' || fallback === 'required' ? fallback : `default ${fallback}`
  const head = `  ${plain(name)}  (${[value, about].filter(Boolean).map(plain).join('; ')})`
  return `${head}\n${wrapText(description, columns, '      ')}`
}

/** Backquotes set words apart in Markdown; in a column of their own they need none. */
function plain(cell: string): string {
  return cell.replaceAll('`', '')
}
