import { pino } from 'pino'
import type { Logger } from '../plugin.ts'
import type { Json } from '../record.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'text' | 'json'
  readonly colours: boolean
  /** Takes one line with its newline. */
  readonly write: (line: string) => void
}

/** Loggers that name the pipeline and the component; messages are for whoever must act on them. */
export function makeLogger(options: LogOptions): (pipeline: string, component?: string) => Logger {
  const write =
    options.format === 'json' ? options.write : (line: string) => options.write(asText(line, options.colours))
  const root = pino(
    { level: options.level, base: null, formatters: { level: (label) => ({ level: label }) } },
    { write },
  )
  return (pipeline, component) => {
    const logger = root.child(component === undefined ? { pipeline } : { pipeline, component })
    const say = (level: LogOptions['level']) => (message: string, fields?: { readonly [name: string]: Json }) =>
      fields === undefined ? logger[level](message) : logger[level](fields, message)
    return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  }
}

/** `10:31:22 WARN  ecommerce/shop-log waiting: disk full`; control characters cannot forge a line (CF-13). */
function asText(line: string, colours: boolean): string {
  const { time, level, pipeline, component, msg, ...fields } = JSON.parse(line) as LogLine
  const clock = new Date(time).toISOString().slice(11, 19)
  const name = component === undefined ? pipeline : `${pipeline}/${component}`
  const extra = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  const label = level.toUpperCase().padEnd(5)
  const shown =
    colours && LEVEL_COLOURS[level] !== undefined ? `\u001b[${LEVEL_COLOURS[level]}m${label}\u001b[39m` : label
  return `${clock} ${shown} ${name} ${escapeControls(msg)}${escapeControls(extra.join(''))}\n`
}

interface LogLine {
  readonly time: number
  readonly level: string
  readonly pipeline: string
  readonly component?: string
  readonly msg: string
}

const LEVEL_COLOURS: Readonly<Record<string, number>> = { warn: 33, error: 31 }

function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^[^\\]$/, '?'),
  )
}
