/**
 * How many different values there are, about, in bounded memory: exact up to 1,024 of them (but for equal hashes, one
 * in 10^10), beyond that with a standard error of 1.6 %. The same values give the same answer, in any order, split or
 * merge, on every machine.
 * Formulas: Flajolet et al., "HyperLogLog", 2007; O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches", 2017, algorithm 6 (no bias tables, no thresholds).
 */
export class HyperLogLog {
  #hashes: Set<number> | undefined = new Set()
  #registers = new Uint8Array(0)

  /** `text` stands for the value: equal values must have equal texts. */
  add(text: string): void {
    const { high, low } = hash(text)
    if (this.#hashes === undefined) this.#register(high, low)
    else this.#collect(this.#hashes, high * 2 ** 21 + (low >>> 11))
  }

  merge(other: HyperLogLog): void {
    if (other.#hashes === undefined) {
      this.#toRegisters()
      for (const [index, rank] of other.#registers.entries()) this.#raise(index, rank)
    } else {
      for (const one of other.#hashes) this.#addHash(one)
    }
  }

  count(): number {
    return this.#hashes?.size ?? Math.round(estimate(this.#registers))
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    return this.#hashes === undefined ? REGISTERS : 64 + 32 * this.#hashes.size
  }

  /** What it is made of, for storing: the hashes, or the registers as base64. */
  get kept(): readonly number[] | string {
    return this.#hashes === undefined ? Buffer.from(this.#registers).toString('base64') : [...this.#hashes]
  }

  static from(kept: readonly number[] | string): HyperLogLog {
    const made = new HyperLogLog()
    if (typeof kept === 'string') {
      made.#hashes = undefined
      made.#registers = new Uint8Array(Buffer.from(kept, 'base64'))
    } else made.#hashes = new Set(kept)
    return made
  }

  #addHash(one: number): void {
    if (this.#hashes === undefined) this.#register(Math.floor(one / 2 ** 21), (one % 2 ** 21) << 11)
    else this.#collect(this.#hashes, one)
  }

  #collect(hashes: Set<number>, one: number): void {
    hashes.add(one)
    if (hashes.size > MOST_EXACT) this.#toRegisters()
  }

  #toRegisters(): void {
    if (this.#hashes === undefined) return
    const hashes = this.#hashes
    this.#hashes = undefined
    this.#registers = new Uint8Array(REGISTERS)
    for (const one of hashes) this.#addHash(one)
  }

  /** The first bits choose the register; it keeps the longest run of zeros in the others. */
  #register(high: number, low: number): void {
    this.#raise(high >>> (32 - INDEX_BITS), Math.min(MOST_ZEROS, Math.clz32(low)) + 1)
  }

  #raise(index: number, rank: number): void {
    if (rank > (this.#registers[index] as number)) this.#registers[index] = rank
  }
}

const MOST_EXACT = 1024
const INDEX_BITS = 12
const REGISTERS = 2 ** INDEX_BITS
/** Of the lower word 21 bits are kept in the exact phase, so no more of them may ever count. */
const MOST_ZEROS = 21

function estimate(registers: Uint8Array): number {
  const histogram = new Array<number>(MOST_ZEROS + 2).fill(0)
  for (const rank of registers) histogram[rank] = (histogram[rank] as number) + 1
  let sum = REGISTERS * tau(1 - (histogram[MOST_ZEROS + 1] as number) / REGISTERS)
  for (let rank = MOST_ZEROS; rank >= 1; rank--) sum = 0.5 * (sum + (histogram[rank] as number))
  sum += REGISTERS * sigma((histogram[0] as number) / REGISTERS)
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * sum)
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let power = share
  let factor = 1
  let sum = share
  for (let before = -1; before !== sum; ) {
    power *= power
    before = sum
    sum += power * factor
    factor += factor
  }
  return sum
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let root = share
  let factor = 1
  let sum = 1 - share
  for (let before = -1; before !== sum; ) {
    root = Math.sqrt(root)
    before = sum
    factor *= 0.5
    sum -= (1 - root) ** 2 * factor
  }
  return sum / 3
}

/** Two words of 32 bits. Formula: cyrb53 (bryc, public domain) over the UTF-16 units. */
function hash(text: string): { high: number; low: number } {
  let first = 0xdeadbeef
  let second = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    first = Math.imul(first ^ unit, 2_654_435_761)
    second = Math.imul(second ^ unit, 1_597_334_677)
  }
  first = mixed(first, second)
  second = mixed(second, first)
  return { high: second >>> 0, low: first >>> 0 }
}

function mixed(one: number, other: number): number {
  return Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909)
}
