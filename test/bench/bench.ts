import type { Sensors } from './readings.ts'

/** One thing to measure; its `run` makes what it needs, measures, and checks what came out. */
export interface Job {
  /** The word on the command line. */
  readonly name: string
  /** One line: what works beside what, on what. */
  readonly summary: string
  run(bench: Bench): Promise<Findings>
}

/** What a job is given. */
export interface Bench {
  /** Events of an input. */
  readonly count: number
  /** How often each process is run; the medians count. */
  readonly runs: number
  /** The path of an input file of so many events. */
  events(count: number): string
  /** The path of a CSV file of so many rows. */
  table(count: number): string
  /** The path of a file of so many readings. */
  readings(count: number, sensors: Sensors): string
  /** An empty folder of its own, removed at the end. */
  folder(): string
  /** Says how far it is. */
  say(text: string): void
  /** True: say where the time goes. */
  readonly profile: boolean
}

export interface Findings {
  readonly rows: readonly Row[]
  /** What the figures need to be understood, a line each. */
  readonly notes?: readonly string[]
}

/** One line of the table. */
export interface Row {
  readonly who: string
  readonly eventsPerSecond?: number
  readonly cpuSeconds?: number
  readonly eventsPerCpuSecond?: number
  readonly peakBytes?: number
  readonly result?: Result
}

export type Unit = 'x' | 'ms' | 'MB' | '/s'

/** What is compared with the target; without one it is only reported. */
export interface Result {
  /** What `value` is, where a row has several results. */
  readonly of?: string
  readonly value: number
  readonly unit: Unit
  readonly target?: { readonly kind: 'at least' | 'below'; readonly value: number }
}

/** Undefined: nothing to reach. */
export function isReached({ value, target }: Result): boolean | undefined {
  if (target === undefined) return undefined
  return target.kind === 'at least' ? value >= target.value : value < target.value
}
