import { errorCode, type SourceBatch, type SourceContext, StreamrunError } from '../../../engine/plugin.ts'
import type { Descriptors } from './descriptors.ts'
import { ENCODINGS } from './encoding.ts'
import type { Step } from './line-reader.ts'
import type { OpenEvents } from './open-events.ts'
import type { TailOptions } from './options.ts'
import type { Position } from './position.ts'
import type { TailedFile } from './tailed-file.ts'
import type { Troubles } from './troubles.ts'
import type { Turns } from './turns.ts'

export type TailBatch = SourceBatch<Position>

/** How long a file that vanished, and that nothing took the place of, may still come back or be written to. */
export const GONE_AFTER = 60_000

/** What following one file needs of the source around it. */
export interface FollowingParts {
  readonly options: TailOptions
  readonly context: SourceContext<Position>
  readonly descriptors: Descriptors
  readonly turns: Turns
  readonly troubles: Troubles
  readonly openEvents: OpenEvents
  /** A file is not where it was seen. */
  readonly lookAgain: () => void
}

/** Reads one file in its turn, and decides when it has said all that it has to say. */
export class Following {
  readonly #parts: FollowingParts
  readonly #finished = new Set<TailedFile>()

  constructor(parts: FollowingParts) {
    this.#parts = parts
  }

  /** One step of one file. What comes after a file in a rotation waits until that is finished (FT-01). */
  async turn(file: TailedFile): Promise<TailBatch | undefined> {
    const { descriptors, turns, openEvents } = this.#parts
    if (file.blocked) return void turns.remove(file)
    file.after = undefined
    if (!(file.announced && file.known) && !file.skipping) return this.announce(file)
    const final = file.ending || file.packed || !this.#parts.options.follow
    try {
      const descriptor = await descriptors.of(file)
      if (descriptor === undefined) return void this.#notThere(file, final)
      const flush = file.skipping ? 'at-once' : file.flushing ? 'when-quiet' : 'no'
      file.flushing = false
      const step = await file.lines.step(descriptor, { final, ahead: turns.goOn, flush })
      openEvents.note(file)
      this.#recover(file)
      return this.#take(file, step, final)
    } catch (error) {
      return void (await this.#stumble(file, error))
    }
  }

  positionOf(file: TailedFile): TailBatch {
    return { partition: file.partition, position: file.position, caughtUp: !this.#parts.turns.has(file) }
  }

  /** Files of which nothing more will come, said once; not before what comes after them is known. */
  *endings(): Generator<TailBatch> {
    for (const file of this.#finished) {
      if (file.before !== undefined && !file.before.known) continue
      this.#finished.delete(file)
      if (file.finished) yield { ...this.positionOf(file), caughtUp: true, ended: true }
    }
  }

  get #now(): number {
    return this.#parts.context.clock.monotonic()
  }

  /** A position before anything was read: a file that was seen is known after a restart, whatever its name is then. */
  announce(file: TailedFile): TailBatch {
    file.announced = true
    file.known = true
    return { partition: file.partition, position: file.position, caughtUp: false }
  }

  /** Whoever wrote to it had time enough to change over to the file that took its place. */
  #isOver(file: TailedFile): boolean {
    const since = Math.max(file.quietSince ?? 0, file.replacedAt ?? 0, file.missingSince ?? 0)
    return this.#now - since >= (file.replacedAt === undefined ? GONE_AFTER : this.#parts.options.rotate_wait)
  }

  #take(file: TailedFile, step: Step, final: boolean): TailBatch | undefined {
    switch (step.kind) {
      case 'lines':
      case 'long':
        return this.#handOver(file, step, final)
      case 'read-on':
        return undefined
      case 'end':
        return this.#pause(file, final)
      case 'shrunk':
        return this.#shrunk(file)
      case 'replaced':
        return this.#restart(file)
    }
  }

  #handOver(file: TailedFile, step: Step & { kind: 'lines' | 'long' }, final: boolean): TailBatch | undefined {
    const skipped = file.skipping
    file.shrunkSince = undefined
    if (!step.more) this.#pause(file, final)
    if (skipped) {
      if (step.kind === 'lines') step.release?.()
      return undefined
    }
    const at = this.positionOf(file)
    if (step.kind === 'lines') {
      return { ...at, frames: step.frames, ...(step.release === undefined ? {} : { release: step.release }) }
    }
    this.#parts.context.metrics.count('long_lines')
    return { ...at, ...this.#longLine(file, step) }
  }

  #longLine(file: TailedFile, { line, at, size }: Step & { kind: 'long' }): Partial<TailBatch> {
    const { options, context } = this.#parts
    if (options.on_long_line === 'skip') return {}
    if (options.on_long_line === 'cut') return { frames: line.cut(at, ENCODINGS[options.encoding]) }
    return { failed: [line.refuse({ component: context.id, partition: file.partition, at, size })] }
  }

  /** There is nothing more in it at the moment, or for good: then one more step takes a last line without a newline. */
  #pause(file: TailedFile, final: boolean): undefined {
    const { turns } = this.#parts
    file.pause(this.#now)
    turns.remove(file)
    file.ending = !final && file.retiring && this.#isOver(file)
    if (file.ending || file.skipping) turns.add(file)
    else if (final) this.#finish(file)
    file.skipping = false
  }

  /** The file that took its place is read now. */
  #finish(file: TailedFile): void {
    file.finished = true
    this.#finished.add(file)
    if (file.before?.after === file) this.#parts.turns.add(file.before)
  }

  /** A size that goes back may be a stale answer of a network file system: it must last (FT-12). */
  #shrunk(file: TailedFile): TailBatch | undefined {
    const { follow, poll } = this.#parts.options
    file.shrunkSince ??= this.#now
    if (!follow || this.#now - file.shrunkSince >= poll) return this.#restart(file)
    return void this.#parts.turns.remove(file)
  }

  /** The file was cut, and is read from its beginning: what was cut off unread is lost (FT-02). */
  #restart(file: TailedFile): TailBatch {
    const { log, metrics } = this.#parts.context
    log.warn(`${file.path} was truncated: reading it from its beginning`, { offset: file.lines.place.offset })
    metrics.count('truncations')
    file.lines.restart()
    file.shrunkSince = undefined
    return { partition: file.partition, position: file.position, caughtUp: false }
  }

  #notThere(file: TailedFile, final: boolean): void {
    const { turns, lookAgain } = this.#parts
    turns.remove(file)
    if (file.where !== undefined) {
      file.missing(this.#now)
      lookAgain()
    } else {
      file.lost = file.packed
      this.#pause(file, final)
    }
  }

  /** Faults of a file pass, or do not: it is tried again with every look, from where it was left (FT-10, FT-12). */
  async #stumble(file: TailedFile, error: unknown): Promise<void> {
    const { context, descriptors, options, troubles, turns } = this.#parts
    const code = errorCode(error)
    if (code === undefined) throw error
    const reason = `cannot read ${file.where ?? file.path}: ${code}`
    // What cannot be unpacked today cannot be unpacked tomorrow (I-5).
    if (!options.follow || code.startsWith('Z_'))
      throw new StreamrunError('SR_IO', reason, { component: context.id, cause: error })
    file.failed = true
    turns.remove(file)
    troubles.set(`file ${file.partition}`, reason)
    if (file.where !== undefined) await descriptors.close(file)
  }

  #recover(file: TailedFile): void {
    if (!file.failed) return
    file.failed = false
    this.#parts.troubles.set(`file ${file.partition}`, undefined)
  }
}
