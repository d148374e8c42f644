import { didYouMean } from '../config/nearest.ts'
import { StreamrunError } from '../errors.ts'

/** A word of the command line that is none of those that there are. */
export function unknownWord(what: string, word: string, words: readonly string[]): StreamrunError {
  const hint = didYouMean(word, words) ?? `there are ${words.join(', ')}`
  return new StreamrunError('SR_USAGE', `there is no ${what} "${word}"; ${hint}`)
}
