import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../quantities.ts'

/** What the words of a command line stand for; loaded with every command. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text)
  if (Number.isNaN(milliseconds)) throw new InvalidArgumentError('write a duration such as 10s or 2m.')
  return milliseconds
}

/** `--state-dir "$UNSET"` would be the root of the file system. */
export function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('it is empty.')
  return text
}

/** An option that may be given more than once. */
export function repeated(word: string, words: readonly string[] = []): readonly string[] {
  return [...words, word]
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('write a whole number from 1 on.')
  return Number(text)
}

/** A time without a zone would mean another one on another machine. */
export function time(text: string): number {
  const milliseconds = timeOf(text)
  if (milliseconds === undefined) throw new InvalidArgumentError(`write ${TIME_EXAMPLE}.`)
  return milliseconds
}

/** A day, or a time with a zone. */
export function timeOf(text: string): number | undefined {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const milliseconds = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}

export const TIME_EXAMPLE = 'a time with a zone, such as 2026-03-14T00:00:00Z'
