import type { Json } from '../../../engine/plugin.ts'

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
  return paint(escaped(JSON.stringify(value)), FAINT, colours)
}

/** A text that would read as something else is quoted. */
function word(text: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{M}\p{N}_.:/@+-]*$/u.test(text) && !/^(?:null|true|false)$/.test(text)
  return isPlain ? text : escaped(JSON.stringify(text))
}

/** What JSON leaves as it is and a terminal may obey: C1 controls, line separators and marks of direction. */
function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function paint(text: string, colour: number, colours: boolean): string {
  return colours ? `\u001b[${colour}m${text}\u001b[0m` : text
}
