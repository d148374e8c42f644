import { type Json, visible } from '../../../engine/plugin.ts'

/**
 * One line for people: `event=purchase price=12.5 tags=["a","b"]`. Texts without spaces and marks stand as they are, all
 * others as in JSON, and nothing in a record can move the cursor, change colours or begin a line of its own (CF-13).
 */
export function prettyLine(value: Json, colours: boolean): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return prettyValue(value, colours)
  const fields = Object.entries(value)
  if (fields.length === 0) return '{}'
  return fields.map(([name, field]) => `${paint(word(name), NAME, colours)}=${prettyValue(field, colours)}`).join(' ')
}

const NAME = 36
const TEXT = 32
const NUMBER = 33
const FAINT = 2

function prettyValue(value: Json, colours: boolean): string {
  if (typeof value === 'string') return paint(word(value), TEXT, colours)
  if (typeof value === 'number') return paint(String(value), NUMBER, colours)
  return paint(visible(JSON.stringify(value)), FAINT, colours)
}

/** A text that would read as something else is quoted. */
function word(text: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{M}\p{N}_.:/@+-]*$/u.test(text) && !/^(?:null|true|false)$/.test(text)
  return isPlain ? text : visible(JSON.stringify(text))
}

export function paint(text: string, colour: number, colours: boolean): string {
  return colours ? `\u001b[${colour}m${text}\u001b[0m` : text
}
