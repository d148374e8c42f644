import { recordsBatch } from '../batch.ts'
import type { Batch, Output, Processed, Processor } from '../plugin.ts'
import { descendsFrom, type StreamRecord } from '../record.ts'
import type { Emitted, Example, Observation } from './observe.ts'

interface Watching {
  readonly seen: Observation
  /** What the processor has counted as dropped so far. */
  readonly drops: { readonly count: number }
  /** It has a state, in which a record may wait. */
  readonly canKeep: boolean
}

/**
 * `processor`, handed one record at a time, each behind what is due before it: then what is counted as dropped meanwhile
 * is that record, and no other. Batches may be cut anywhere, so it does what it did.
 */
export function watched(processor: Processor, watching: Watching): Processor {
  // The next record of the batch, and what has come of it where the processor has more to come.
  let next = 0
  let under: Watch | undefined

  async function process({ records }: Batch, out: Output): Promise<Processed> {
    for (; next < records.length; next++) {
      const record = records[next] as StreamRecord
      if (under === undefined && (await wakeBefore(record, out)) === 'more') return 'more'
      under ??= new Watch(record, watching)
      if ((await processor.process(recordsBatch([record]), under.onto(out))) === 'more') return 'more'
      under.report()
      under = undefined
    }
    next = 0
    return undefined
  }

  /** As the engine wakes it between two batches. */
  async function wakeBefore(record: StreamRecord, out: Output): Promise<Processed> {
    const watermark = out.watermark(record)
    const { event = Number.POSITIVE_INFINITY } = processor.wakeAt?.() ?? {}
    return event <= watermark ? wake({ kind: 'event', watermark }, out) : undefined
  }

  async function wake(...[time, out]: Parameters<NonNullable<Processor['wake']>>): Promise<Processed> {
    const watch = new Watch(undefined, watching)
    const answer = await processor.wake?.(time, watch.onto(out))
    watch.report()
    return answer
  }

  return { ...processor, process, ...(processor.wake === undefined ? {} : { wake }) }
}

interface Left {
  readonly record: StreamRecord
  readonly port: string | undefined
}

/** Looks at what leaves while a record is handled, or while time passes. */
class Watch implements Output {
  readonly #record: StreamRecord | undefined
  readonly #watching: Watching
  readonly #dropsBefore: number
  readonly #left: Left[] = []
  #reason: string | undefined
  #out: Output | undefined

  constructor(record: StreamRecord | undefined, watching: Watching) {
    this.#record = record
    this.#watching = watching
    this.#dropsBefore = watching.drops.count
  }

  /** Every call has an output of its own. */
  onto(out: Output): this {
    this.#out = out
    return this
  }

  get full(): boolean {
    return this.#out?.full === true
  }

  watermark(record: StreamRecord): number {
    return this.#out?.watermark(record) ?? Number.NEGATIVE_INFINITY
  }

  emit(...[record, port, reason]: Parameters<Output['emit']>): void {
    this.#left.push({ record, port })
    this.#out?.emit(record, port, reason)
  }

  fail(...[record, error]: Parameters<Output['fail']>): void {
    this.#reason = `${error.code}: ${error.message}`
    this.#out?.fail(record, error)
  }

  report(): void {
    const { seen } = this.#watching
    const record = this.#record
    const came = record === undefined ? [] : this.#left.filter((one) => descendsFrom(one.record, record))
    const example = record === undefined ? undefined : this.#exampleOf(record, came)
    if (example?.kind === 'kept') seen.kept += 1
    if (example !== undefined && seen.wants(example.kind)) seen.examples.push(example)
    const made = this.#left.filter((one) => !came.includes(one))
    if (made.length > 0 && seen.wants('made')) {
      seen.examples.push({ kind: 'made', after: made.slice(0, 3).map(emittedOf) })
    }
  }

  #exampleOf(record: StreamRecord, came: readonly Left[]): Example | undefined {
    const before = record.value
    const { drops, canKeep } = this.#watching
    if (this.#reason !== undefined) return { kind: 'failed', before, reason: this.#reason }
    if (came.length === 0) return { kind: canKeep && drops.count === this.#dropsBefore ? 'kept' : 'dropped', before }
    const isSame = came.every((one) => one.record === record && one.port === undefined)
    return isSame ? undefined : { kind: 'changed', before, after: came.map(emittedOf) }
  }
}

function emittedOf({ record, port }: Left): Emitted {
  return { port, value: record.value }
}
