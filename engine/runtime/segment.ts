import type { CheckpointedSegment, SegmentCut } from '../checkpoint/coordinator.ts'
import type { StateTables } from '../checkpoint/state-tables.ts'
import type { Epoch } from '../checkpoint/store.ts'
import type { Load } from '../observe/load.ts'
import type { Json } from '../record.ts'
import type { SegmentPlan } from '../topology/segments.ts'
import type { Breaker } from './breaker.ts'
import type { Positions } from './cut.ts'
import { closeParts, openParts, type SegmentParts } from './segment-parts.ts'
import { settleAll } from './settle.ts'
import type { StageServices } from './stages.ts'

/** A connected part of a pipeline at work: its sources, its pumps and its sinks, cut and committed together. */
export class Segment implements CheckpointedSegment {
  readonly id: string
  /** The durable channels that it writes to. */
  readonly writesTo: readonly string[]
  readonly #parts: SegmentParts
  readonly #processors: readonly string[]
  readonly #tables: StateTables
  #closing: Promise<void> | undefined

  private constructor(plan: SegmentPlan, parts: SegmentParts, tables: StateTables) {
    this.id = plan.id
    this.#processors = plan.pumps.flatMap(({ processors }) => processors.map(({ component }) => component.name))
    this.#tables = tables
    this.writesTo = plan.pumps.flatMap(({ sinks }) =>
      sinks.filter(({ kind }) => kind === 'channel').map(({ name }) => name),
    )
    this.#parts = parts
  }

  static async open(plan: SegmentPlan, services: StageServices, breaker: Breaker): Promise<Segment> {
    return new Segment(plan, await openParts(plan, services, breaker), services.store.state.tables)
  }

  /**
   * Resolves with true when every source has ended and everything that came from them has left; with false when a loop
   * failed, which `failed` was told at once, and the others have ended since.
   */
  async run(failed: (error: unknown) => void): Promise<boolean> {
    const loops = [
      ...this.#parts.intakes.map((intake) => intake.run()),
      ...this.#parts.pumps.map((pump) => pump.run(failed)),
    ]
    for (const loop of loops) loop.catch(failed)
    const ends = await Promise.allSettled(loops)
    return ends.every(({ status }) => status === 'fulfilled')
  }

  get loads(): readonly Load[] {
    const queued = this.#parts.queues.map(({ channel, reads, queue }) =>
      channel === undefined
        ? { component: reads, waiting: queue.records }
        : { component: channel, waiting: queue.records, passed: queue.passed },
    )
    const read = this.#parts.intakes.map(({ component, source }) => ({
      component,
      waiting: 0,
      progress: source.progress?.(),
    }))
    return [...queued, ...read]
  }

  /** Of the pumps that read from sources: what is behind them follows. */
  get eventTimes(): readonly { readonly watermark: number; readonly heldBy: string | undefined }[] {
    return this.#parts.pumps.flatMap(({ time }) => (time?.readsSources ? [time.reading] : []))
  }

  /** Only after the pipeline was aborted: what is under way is finished, nothing new is begun. */
  halt(): void {
    for (const pump of this.#parts.pumps) pump.halt()
    for (const intake of this.#parts.intakes) intake.halt()
  }

  async cut(): Promise<SegmentCut | undefined> {
    const cuts = await Promise.all(this.#parts.pumps.map((pump) => pump.cut()))
    if (cuts.every(({ empty }) => empty)) return undefined
    const { positions, released } = splitPositions(cuts.map((cut) => cut.positions))
    return {
      positions,
      released,
      watermarks: new Map(cuts.flatMap(({ watermarks }) => [...watermarks])),
      states: cuts.flatMap(({ states }) => states),
      flushed: settleAll(cuts.map(({ flushed }) => flushed)).then(
        (states) => new Map(states.flatMap((each) => [...each])),
      ),
      covered: () => this.#covered(positions),
    }
  }

  async committed({ positions, sinks }: Epoch): Promise<void> {
    for (const delivery of this.#parts.deliveries) {
      const state = sinks?.get(delivery.component)
      if (state !== undefined) await delivery.commit(state)
    }
    for (const { component, source } of this.#parts.intakes) {
      const moved = positions?.get(component)
      if (moved !== undefined) await source.commit?.(moved)
    }
  }

  /** Once, however often it is called. */
  close(): Promise<void> {
    this.#closing ??= closeParts(this.#parts)
    for (const name of this.#processors) this.#tables.close(name)
    return this.#closing
  }

  async #covered(positions: ReadonlyMap<string, ReadonlyMap<string, Json>>): Promise<void> {
    for (const { component, source } of this.#parts.intakes) {
      const moved = positions.get(component)
      if (moved !== undefined) await source.covered?.(moved)
    }
  }
}

/** A position of undefined is a partition that is done with. */
function splitPositions(cuts: readonly Positions[]): Pick<SegmentCut, 'positions' | 'released'> {
  const positions = new Map<string, Map<string, Json>>()
  const released = new Map<string, Set<string>>()
  for (const [source, partitions] of cuts.flatMap((cut) => [...cut])) {
    const entries = [...partitions]
    positions.set(source, new Map(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined)))
    const gone = entries.filter(([, position]) => position === undefined).map(([partition]) => partition)
    if (gone.length > 0) released.set(source, new Set(gone))
  }
  return { positions, released }
}
