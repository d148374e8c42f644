/**
 * The chance behind one value: a stream of numbers that depends on nothing but the seed, the number of the record and
 * the place of the field, so that a record can be made without those before it, and a field that is added or changed
 * leaves the others as they were.
 *
 * Starting a stream must be cheap, as each field of each record has its own: xoshiro128** (Blackman and Vigna, public
 * domain) has four words of state, where the Mersenne twister of faker has 624.
 */
export class RecordRandom {
  readonly #low: number
  readonly #high: number
  #a = 1
  #b = 0
  #c = 0
  #d = 0

  /** `seed` is a whole number of up to 53 bits. */
  constructor(seed: number) {
    this.#low = seed >>> 0
    this.#high = Math.floor(seed / 2 ** 32)
  }

  /** Begins the stream of record `n` at the place that `salt` stands for. */
  start(n: number, salt: number): void {
    const high = mixed(this.#high ^ mixed(Math.floor(n / 2 ** 32) + 0x3c6ef372))
    this.#a = mixed(this.#low ^ mixed(n ^ salt))
    this.#b = mixed(this.#a + salt + 0x9e3779b9)
    this.#c = mixed(this.#b ^ high ^ n)
    // Never all zero, which the generator would stay at.
    this.#d = mixed(this.#c + this.#low + 0x85ebca6b) | 1
  }

  /** A number in [0, 1) of 53 bits, the more of which the larger ranges of faker need. */
  next(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53
  }

  #word(): number {
    const scrambled = Math.imul(rotated(Math.imul(this.#b, 5), 7), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotated(this.#d, 11)
    return scrambled >>> 0
  }
}

/** A number of 32 bits for a place, such as `data.product_id` (FNV-1a). */
export function saltOf(place: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < place.length; index++) hash = Math.imul(hash ^ place.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

/** Every bit of the result depends on every bit of the word (the finalizer of MurmurHash3). */
function mixed(word: number): number {
  let hash = word | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
