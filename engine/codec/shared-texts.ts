/**
 * Short texts come again and again (keys, states, names of things): the same one is handed out again, which saves making
 * it, its hash is known, and who looks it up finds the very text that he has. A text has one of the places of its set,
 * as in the cache of a processor, so that tens of thousands find room and more do no harm.
 */
export class SharedTexts {
  readonly #hashes = new Int32Array(SETS * PLACES)
  /** Filled when the first text comes: a list with holes would be a table. */
  readonly #texts: string[] = []
  /** The place of its set that the next new text takes. */
  #turn = 0

  /** The ASCII text `data[start .. end]`, whose bytes have this hash. */
  of(data: Buffer, start: number, end: number, hash: number): string {
    const first = ((hash ^ (hash >>> 15)) & (SETS - 1)) * PLACES
    for (let place = first; place < first + PLACES; place++) {
      if (this.#hashes[place] !== hash) continue
      const known = this.#texts[place]
      if (known !== undefined && isWritten(known, data, start, end)) return known
    }
    return this.#add(data.toString('latin1', start, end), hash, first)
  }

  #add(text: string, hash: number, first: number): string {
    if (this.#texts.length === 0) for (let place = 0; place < SETS * PLACES; place++) this.#texts.push('')
    this.#turn = (this.#turn + 1) % PLACES
    this.#hashes[first + this.#turn] = hash
    this.#texts[first + this.#turn] = text
    return text
  }
}

const SETS = 16_384
const PLACES = 4

function isWritten(text: string, data: Buffer, start: number, end: number): boolean {
  const { length } = text
  if (length !== end - start) return false
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== data[start + at]) return false
  return true
}
