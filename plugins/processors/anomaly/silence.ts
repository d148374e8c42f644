import type { Json, KeyedState, StreamRecord } from '../../../engine/plugin.ts'
import { keyOf } from '../../shared/by.ts'
import { type AlertHead, absenceAlert } from './alert.ts'

/** The silences of a key that were told. */
export interface Told {
  readonly alerts: number
  readonly last: number
}

export interface SilenceParts {
  readonly head: AlertHead
  readonly component: string
  /** Key -> time of its newest record, those that were heard longest ago in front; a key whose silence was told is gone. */
  readonly heard: KeyedState<number>
  readonly told: KeyedState<Told>
  /** Milliseconds. */
  readonly within: number
  readonly expected: readonly Json[]
  readonly coolDown: number
  readonly maxKeys: number
}

/** A rule that waits for records that do not come. */
export class Silence {
  readonly #parts: SilenceParts
  forgotten = 0

  constructor(parts: SilenceParts) {
    this.#parts = parts
  }

  /** When the first silence is one; undefined when nobody is waited for. */
  get due(): number | undefined {
    const first = this.#first()
    return first === undefined ? undefined : first[1] + this.#parts.within
  }

  /** A record of the key has come; gives the alert where its silence before it was long enough and is not told yet. */
  hear(key: string, time: number, watermark: number): StreamRecord | undefined {
    const { heard, within, expected, head, maxKeys } = this.#parts
    if (heard.size === 0 && this.#parts.told.size === 0) {
      for (const one of expected) heard.set(keyOf([one], head.parts), time)
    }
    const last = heard.get(key)
    const alert = last !== undefined && last + within <= watermark ? this.#tell(key, last) : undefined
    // Set anew, so that the longest unheard stay in front.
    heard.delete(key)
    heard.set(key, last === undefined ? time : Math.max(last, time))
    if (heard.size > maxKeys) this.#forgetFirst()
    return alert
  }

  /** Tells the silence that is due first at the watermark, if it is to be told; false when none is due. */
  tellNext(watermark: number, tell: (alert: StreamRecord) => void): boolean {
    const first = this.#first()
    if (first === undefined || first[1] + this.#parts.within > watermark) return false
    const alert = this.#tell(...first)
    if (alert !== undefined) tell(alert)
    return true
  }

  #first(): [string, number] | undefined {
    const [first] = this.#parts.heard.entries()
    return first
  }

  #forgetFirst(): void {
    const first = this.#first()
    if (first !== undefined) this.#parts.heard.delete(first[0])
    this.forgotten += 1
  }

  /** Undefined while the key is cooling down. */
  #tell(key: string, last: number): StreamRecord | undefined {
    const { head, component, heard, told, within, coolDown, maxKeys } = this.#parts
    heard.delete(key)
    const before = told.get(key)
    const due = last + within
    if (before !== undefined && due < before.last + coolDown) return undefined
    const history = { alerts: before?.alerts ?? 0, last: before?.last }
    told.delete(key)
    told.set(key, { alerts: history.alerts + 1, last: due })
    const [oldest] = told.entries()
    if (told.size > maxKeys && oldest !== undefined) told.delete(oldest[0])
    return absenceAlert(head, key, { component, due, last, within, history })
  }
}
