/**
 * Text that a terminal obeys, or that begins a line of its own, shown as `\u001b` and the like: C0 and C1 controls, line
 * separators, and marks without width or of direction (CF-13).
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** How many columns of a terminal the text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The text, cut to `width` columns with an ellipsis where it is longer; no more of it than that is looked at. */
export function fitted(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const character of text) {
    used += characterWidth(character)
    if (used > width) return `${withinWidth(taken, width - 1)}…`
    taken += character
  }
  return text
}

function withinWidth(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const character of text) {
    used += characterWidth(character)
    if (used > width) break
    taken += character
  }
  return taken
}

/** East Asian characters and emoji take two columns, what combines with the character before it none. */
function characterWidth(character: string): number {
  if (/^[ -~]$/.test(character)) return 1
  if (/^\p{M}$/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u
