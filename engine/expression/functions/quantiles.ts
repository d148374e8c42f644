/**
 * Percentiles by nearest rank: the smallest value that at least p % of the values do not exceed. Exact up to 1,000
 * values; of more, values are counted in buckets, 128 to each power of two, and the middle of the bucket is at most
 * 0.4 % off. Which of the two it is depends on how many values there are and on nothing else, so that order, splits and
 * merges change no result, and memory does not grow with the values.
 */
export class Quantiles {
  /** All values, until there are too many. */
  #values: number[] | undefined = []
  readonly #buckets = new Map<number, number>()
  #count = 0
  #least = Number.POSITIVE_INFINITY
  #most = Number.NEGATIVE_INFINITY

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    this.#count += 1
    this.#least = Math.min(this.#least, value)
    this.#most = Math.max(this.#most, value)
    if (this.#values === undefined) this.#put(bucketOf(value), 1)
    else if (this.#values.push(value) > MOST_EXACT) this.#toBuckets()
  }

  merge(other: Quantiles): void {
    if (other.#values !== undefined) {
      for (const value of other.#values) this.add(value)
      return
    }
    this.#toBuckets()
    for (const [bucket, count] of other.#buckets) this.#put(bucket, count)
    this.#count += other.#count
    this.#least = Math.min(this.#least, other.#least)
    this.#most = Math.max(this.#most, other.#most)
  }

  /** `percentage` from 0 to 100; undefined without values. */
  at(percentage: number): number | undefined {
    if (this.#count === 0) return undefined
    const rank = Math.max(1, rankOf(percentage, this.#count))
    if (this.#values !== undefined) return this.#values.toSorted(ascending)[rank - 1]
    if (rank === 1) return this.#least
    if (rank === this.#count) return this.#most
    return Math.min(this.#most, Math.max(this.#least, middleOf(this.#bucketAt(rank))))
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    return 300 + 8 * (this.#values?.length ?? 0) + 40 * this.#buckets.size
  }

  /** What it is made of, for storing: the values, or the count, the least, the most and the buckets. */
  get kept(): KeptQuantiles {
    return this.#values === undefined ? [this.#count, this.#least, this.#most, [...this.#buckets]] : [...this.#values]
  }

  static from(kept: KeptQuantiles): Quantiles {
    const made = new Quantiles()
    const [count, least, most, buckets] = kept
    if (!Array.isArray(buckets)) for (const value of kept as readonly number[]) made.add(value)
    else {
      made.#toBuckets()
      made.#count = count as number
      made.#least = least as number
      made.#most = most as number
      for (const [bucket, taken] of buckets) made.#put(bucket, taken)
    }
    return made
  }

  #bucketAt(rank: number): number {
    let passed = 0
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      passed += count
      if (passed >= rank) return bucket
    }
    throw new Error('the buckets hold fewer values than were counted')
  }

  #toBuckets(): void {
    for (const value of this.#values ?? []) this.#put(bucketOf(value), 1)
    this.#values = undefined
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
  }
}

type KeptQuantiles = readonly number[] | readonly [number, number, number, readonly (readonly [number, number])[]]

const MOST_EXACT = 1000

/** Rounded up, but not because 7 % of 100 is 7.000000000000001 in doubles. */
function rankOf(percentage: number, count: number): number {
  return Math.ceil(Number(((percentage * count) / 100).toPrecision(14)))
}

function ascending(a: number, b: number): number {
  return a - b
}

const FLOAT = new Float64Array(1)
const WORDS = new Uint32Array(FLOAT.buffer)
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0

/** The exponent and the first seven digits behind the point of the size: in the order of the numbers, 0 for 0. */
function bucketOf(value: number): number {
  FLOAT[0] = Math.abs(value)
  const bucket = value === 0 ? 0 : ((WORDS[HIGH_WORD] as number) >>> 13) + 1
  return value < 0 ? -bucket : bucket
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  WORDS[1 - HIGH_WORD] = 0
  WORDS[HIGH_WORD] = (((Math.abs(bucket) - 1) << 13) | (1 << 12)) >>> 0
  return bucket < 0 ? -(FLOAT[0] as number) : (FLOAT[0] as number)
}
