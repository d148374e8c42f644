import { type OptionValues, text } from '../../options.ts'

/** What tells fields from each other: one ASCII character each, so that they are never part of another character. */
export const DIALECT_OPTIONS = {
  delimiter: text({
    description: 'The character between two fields.',
    default: ',',
    examples: [';', '\t', '|'],
  }),
  quote: text({
    description:
      'The character around a field that holds a delimiter, a line end or a quote; one inside such a field is doubled.',
    default: '"',
    examples: ["'"],
  }),
}

export type Dialect = OptionValues<typeof DIALECT_OPTIONS>

/** What is wrong with a dialect beyond its schema. */
export function dialectFaults(dialect: Dialect): { option: keyof Dialect; message: string }[] {
  const odd = (['delimiter', 'quote'] as const).filter((option) => !IS_CHARACTER.test(dialect[option]))
  if (odd.length > 0) return odd.map((option) => ({ option, message: 'must be one ASCII character, and no line end' }))
  if (IS_OF_A_VALUE.test(dialect.quote)) {
    return [{ option: 'quote', message: 'must be no character that numbers and words are written with' }]
  }
  if (dialect.delimiter !== dialect.quote) return []
  return [{ option: 'delimiter', message: 'must be another character than the quote' }]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: files come with such delimiters (Hive: \x01)
const IS_CHARACTER = /^[\x00-\x09\x0b\x0c\x0e-\x7f]$/
const IS_OF_A_VALUE = /^[0-9A-Za-z.+-]$/
