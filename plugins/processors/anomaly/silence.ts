import type { KeyedState, StateForm, StreamRecord } from '../../../engine/plugin.ts'
import { TimeHeap } from '../../shared/time-heap.ts'
import { type AlertHead, absenceAlert } from './alert.ts'
import type { Expected } from './expected.ts'
import { addTime, type Stretches } from './stretches.ts'

/** When a key was heard, as far as a silence may still follow. */
export interface Heard {
  readonly stretches: Stretches
  /** The moment under which it is queued; what else the queue has of the key is out of date. */
  queued: number
}

/** The stretches alone; a number is the last time of the key, as it was kept before. */
export const HEARD: StateForm<Heard> = {
  encode: ({ stretches }) => stretches,
  decode: (kept) => ({ stretches: typeof kept === 'number' ? [kept, kept] : (kept as Stretches), queued: Number.NaN }),
}

/** The silences of a key that were told. */
export interface Told {
  readonly alerts: number
  readonly last: number
}

export interface SilenceParts {
  readonly head: AlertHead
  readonly component: string
  /** A key whose silence was told is gone until it comes again. */
  readonly heard: KeyedState<Heard>
  readonly told: KeyedState<Told>
  readonly expected: Expected
  /** Milliseconds. */
  readonly within: number
  readonly coolDown: number
  readonly maxKeys: number
}

/**
 * A rule that waits for records that do not come: a silence of a key is longer than `within`, between two of its times or
 * behind the last one. It is told when the watermark is behind its moment, and no record can come any more that breaks
 * it; so the order in which records come changes nothing. Silences are told in the order of their moments, then of keys.
 */
export class Silence {
  readonly #parts: SilenceParts
  /** Keys by the moment of a silence that they had ahead: one that has come since is put back when its turn comes. */
  readonly #queue = new TimeHeap<string>()
  forgotten = 0

  constructor(parts: SilenceParts) {
    this.#parts = parts
    for (const [key, heard] of parts.heard.entries()) this.#enqueue(key, heard)
  }

  /** The watermark at which to look again; undefined when nobody is waited for. */
  get due(): number | undefined {
    const { start } = this.#parts.expected
    const due = Math.min(this.#queue.earliest, start === undefined ? Number.POSITIVE_INFINITY : this.#overAt(start))
    return due === Number.POSITIVE_INFINITY ? undefined : due
  }

  /** A record of the key has come, when all that is due at the watermark was told. */
  hear(key: string, time: number, watermark: number): void {
    const { heard, told, within } = this.#parts
    this.#begin(time, watermark)
    const known = heard.get(key)
    // So late that a silence behind it would be over: only of a key of which nothing else is known does it say something.
    if (this.#overAt(time) <= watermark && (known !== undefined || told.get(key) !== undefined)) return
    if (known === undefined) this.#open(key, time)
    else if (addTime(known.stretches, time, within)) {
      heard.touch(key)
      if (this.#overAt(known.stretches[1] as number) < known.queued) this.#enqueue(key, known)
    }
  }

  /** Tells the silence that is due first at the watermark, if it is to be told; false when none is due. */
  tellNext(watermark: number, tell: (alert: StreamRecord) => void): boolean {
    const silent = this.#nextExpected(watermark) ?? this.#nextHeard(watermark)
    if (silent === undefined) return false
    const alert = this.#alert(silent)
    if (alert !== undefined) tell(alert)
    return true
  }

  /** The start is known for sure when the watermark is there, which is before anything is due. */
  #begin(time: number, watermark: number): void {
    const { heard, told, expected } = this.#parts
    const { start } = expected
    const isFirst = start === undefined && heard.size === 0 && told.size === 0
    if (isFirst || (start !== undefined && time < start && time >= watermark)) expected.begin(time)
  }

  #open(key: string, time: number): void {
    const { heard, maxKeys } = this.#parts
    const known: Heard = { stretches: [time, time], queued: Number.NaN }
    heard.set(key, known)
    this.#enqueue(key, known)
    if (heard.size <= maxKeys) return
    const [first] = heard.entries()
    if (first !== undefined) heard.delete(first[0])
    this.forgotten += 1
  }

  #enqueue(key: string, known: Heard): void {
    known.queued = this.#overAt(known.stretches[1] as number)
    this.#queue.push(known.queued, key)
  }

  /** An expected key that was silent from the start on: nothing else is due before. */
  #nextExpected(watermark: number): Silent | undefined {
    const { expected, heard, within } = this.#parts
    const { start } = expected
    if (start === undefined || this.#overAt(start) > watermark) return undefined
    for (const key of expected.awaited) {
      const first = heard.get(key)?.stretches[0]
      if (first === undefined && watermark === END) continue
      expected.settle(key)
      if (first === undefined || first - start > within) return { key, since: start, last: undefined }
    }
    return undefined
  }

  /** The key that is silent longest of those that are due, without the stretch before that silence. */
  #nextHeard(watermark: number): Silent | undefined {
    const { heard } = this.#parts
    while (this.#queue.earliest <= watermark && this.#queue.earliest !== Number.POSITIVE_INFINITY) {
      const moment = this.#queue.earliest
      const key = this.#queue.pop()
      const known = heard.get(key)
      if (known?.queued !== moment) continue
      const last = known.stretches[1] as number
      if (this.#overAt(last) > moment) {
        this.#enqueue(key, known)
        continue
      }
      if (known.stretches.length === 2 && watermark === END) continue
      this.#dropFirst(key, known)
      return { key, since: last, last }
    }
    return undefined
  }

  #dropFirst(key: string, known: Heard): void {
    const { heard } = this.#parts
    known.stretches.splice(0, 2)
    if (known.stretches.length === 0) heard.delete(key)
    else {
      heard.touch(key)
      this.#enqueue(key, known)
    }
  }

  /** Undefined while the key is cooling down. */
  #alert({ key, since, last }: Silent): StreamRecord | undefined {
    const { head, component, told, within, coolDown, maxKeys } = this.#parts
    const before = told.get(key)
    const due = since + within
    if (before !== undefined && due < before.last + coolDown) return undefined
    const history = { alerts: before?.alerts ?? 0, last: before?.last }
    told.delete(key)
    told.set(key, { alerts: history.alerts + 1, last: due })
    const [oldest] = told.entries()
    if (told.size > maxKeys && oldest !== undefined) told.delete(oldest[0])
    return absenceAlert(head, key, { component, due, last, within, history })
  }

  /** From this watermark on no record can come that is not late and breaks a silence since that time. */
  #overAt(time: number): number {
    return time + this.#parts.within + 1
  }
}

/** At the end of input nobody is missed any more who has not come since: only what lies between two records is a silence. */
const END = Number.POSITIVE_INFINITY

interface Silent {
  readonly key: string
  readonly since: number
  /** When the key was there last; undefined when it never was. */
  readonly last: number | undefined
}
