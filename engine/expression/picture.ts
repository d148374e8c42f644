/**
 * True when a date picture has more than a few parts in a row whose lengths the text does not tell (`[Y][M][D][H]`,
 * `[f1][f1]...`): the package turns it into a regular expression that backtracks for ever (jsonata#833).
 */
export function isAmbiguousPicture(picture: string): boolean {
  const marked = picture.replace(/\[[^\]]*\]/g, (part) => (FIXED_WIDTH.test(part) ? '' : OPEN))
  // Digits and letters between two parts separate nothing: the parts can match them.
  return marked.split(/[^0-9A-Za-z\0]+/).some((run) => run.split(OPEN).length - 1 > MOST_OPEN_PARTS)
}

/** `[Y0001]`, `[M01]`; fractions of seconds never are. */
const FIXED_WIDTH = /^\[[^f\d\W]\d{2,}\]$/

const OPEN = '\0'

/** On the longest text that is accepted, fewer than a million ways to divide it. */
const MOST_OPEN_PARTS = 3
