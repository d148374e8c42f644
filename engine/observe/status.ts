import type { Clock } from '../clock.ts'
import type { Component, Definition } from '../config/definition.ts'
import type { EventTime } from './event-time.ts'
import type { Load } from './load.ts'
import { Meter } from './meter.ts'
import type { ComponentMetrics, Metrics } from './metrics.ts'
import { readRecords, rejectedRecords, skippedRecords } from './summary.ts'

/** What a running pipeline shows of itself. */
export interface Observed {
  readonly definition: Pick<Definition, 'name' | 'components'>
  readonly metrics: Metrics
  readonly health: { readonly degraded: ReadonlyMap<string, string> }
  readonly checkpointAge: number | undefined
  readonly stopping: boolean
  readonly loads: readonly Load[]
  /** Undefined where time does not matter. */
  readonly eventTime?: EventTime | undefined
}

/** A pipeline at one moment, for whoever shows it. Times are in milliseconds, rates in records a second. */
export interface PipelineStatus {
  readonly name: string
  readonly stopping: boolean
  readonly elapsed: number
  readonly read: Flow
  /** Records that were rejected for themselves. */
  readonly rejected: number
  readonly checkpointAge: number | undefined
  readonly eventTime?: EventTime | undefined
  readonly components: readonly ComponentStatus[]
  /** What waits and is no component, such as the checkpoint: name -> reason. */
  readonly waiting: ReadonlyMap<string, string>
}

export interface ComponentStatus {
  readonly name: string
  /** Undefined where nothing can come in, or go out. */
  readonly in: Flow | undefined
  readonly out: Flow | undefined
  readonly waiting: number
  readonly failed: number
  /** Records that found no room in a channel. */
  readonly dropped: number
  readonly retries: number
  /** The share of a finite input that was read, and how long the rest will take at this pace. */
  readonly progress: number | undefined
  readonly left: number | undefined
  /** What it is waiting for. */
  readonly degraded: string | undefined
}

export interface Flow {
  readonly total: number
  readonly rate: number
}

/** Reads the counts of one pipeline: what they say now, and how fast they have moved. */
export class StatusReader {
  readonly #pipeline: Observed
  readonly #clock: Clock
  readonly #started: number
  readonly #meter: Meter
  readonly #ports: ReadonlyMap<string, readonly string[]>
  /** Where each finite input stood when it was first looked at. */
  readonly #begun = new Map<string, { readonly at: number; readonly progress: number }>()

  constructor(pipeline: Observed, clock: Clock) {
    this.#pipeline = pipeline
    this.#clock = clock
    this.#started = clock.monotonic()
    this.#meter = new Meter(this.#started)
    this.#ports = new Map(pipeline.definition.components.map((component) => [component.name, sidePortsOf(component)]))
  }

  read(): PipelineStatus {
    const { definition, metrics, health, checkpointAge, stopping, loads, eventTime } = this.#pipeline
    this.#meter.begin(this.#clock.monotonic())
    const names = new Set(definition.components.map(({ name }) => name))
    return {
      name: definition.name,
      stopping,
      elapsed: this.#meter.now - this.#started,
      read: this.#flow('', readRecords(metrics)),
      rejected: rejectedRecords(metrics) + skippedRecords(metrics),
      checkpointAge,
      eventTime,
      components: definition.components.map(({ kind, name }) =>
        this.#component(metrics.of(kind, name), loadOf(name, loads), health.degraded.get(name)),
      ),
      waiting: new Map([...health.degraded].filter(([name]) => !names.has(name))),
    }
  }

  #component(metrics: ComponentMetrics, load: Load, degraded: string | undefined): ComponentStatus {
    const { kind, name } = metrics
    const came = kind === 'sink' ? undefined : cameInto(metrics, load)
    const left = kind === 'source' ? undefined : this.#leftFrom(metrics, load)
    return {
      name,
      in: came === undefined ? undefined : this.#flow(`${name} in`, came),
      out: left === undefined ? undefined : this.#flow(`${name} out`, left),
      waiting: load.waiting + metrics.get('lag'),
      failed: metrics.get('failed'),
      dropped: kind === 'channel' ? metrics.get('dropped') : 0,
      retries: metrics.get('retries'),
      progress: load.progress,
      left: this.#timeLeft(name, load.progress),
      degraded,
    }
  }

  /** What goes to a side port has left as well. */
  #leftFrom(metrics: ComponentMetrics, { passed }: Load): number {
    const ports = ['out', ...(this.#ports.get(metrics.name) ?? [])]
    return passed ?? ports.reduce((sum, port) => sum + metrics.get(port), 0)
  }

  #flow(key: string, total: number): Flow {
    return { total, rate: this.#meter.rate(key, total) }
  }

  /** At the pace of this run: what an earlier one read took time of its own. */
  #timeLeft(name: string, progress: number | undefined): number | undefined {
    if (progress === undefined) return undefined
    const begun = this.#begun.get(name) ?? { at: this.#meter.now, progress }
    this.#begun.set(name, begun)
    const made = progress - begun.progress
    return made > 0 ? ((1 - progress) * (this.#meter.now - begun.at)) / made : undefined
  }
}

function sidePortsOf(component: Component): readonly string[] {
  if (component.kind !== 'processor') return []
  const { plugin, options } = component
  return plugin.ports?.(options as Parameters<typeof plugin.ports>[0]).side ?? []
}

function loadOf(name: string, loads: readonly Load[]): Load {
  return loads.filter(({ component }) => component === name).reduce(bothLoads, { component: name, waiting: 0 })
}

function bothLoads(a: Load, b: Load): Load {
  const passed = a.passed === undefined && b.passed === undefined ? {} : { passed: (a.passed ?? 0) + (b.passed ?? 0) }
  return { component: a.component, waiting: a.waiting + b.waiting, ...passed, progress: a.progress ?? b.progress }
}

function cameInto(metrics: ComponentMetrics, { passed, waiting }: Load): number {
  return passed === undefined ? metrics.get('in') : passed + waiting
}
