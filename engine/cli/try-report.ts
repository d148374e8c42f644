import type { Component, Definition } from '../config/definition.ts'
import { messageOf, StreamrunError } from '../errors.ts'
import type { Json } from '../record.ts'
import type { Captured } from '../trial/capture-sink.ts'
import type { Example, Observation } from '../trial/observe.ts'
import type { Sample } from '../trial/sample.ts'
import { Script } from '../trial/script-source.ts'
import type { Trial } from '../trial/trial.ts'

/** What `streamrun try` has seen. */
export interface Tried {
  readonly definition: Definition
  readonly samples: ReadonlyMap<string, Sample | Script>
  readonly seen: ReadonlyMap<string, Observation>
  readonly trial: Trial
}

/** The same as data: what `--json` prints, and what the text is made of. */
export interface TrialReport {
  readonly pipeline: string
  /** In the order of the file. */
  readonly steps: readonly StepReport[]
  readonly dead_letters: { readonly count: number; readonly reasons: readonly Reason[] }
  /** What stopped the pipeline; null when nothing did. */
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface StepReport {
  readonly name: string
  readonly kind: Component['kind']
  readonly type: string
  /** Records; what a step does not have, or has not counted, is left out. */
  readonly in?: number | undefined
  readonly out?: number | undefined
  readonly dropped?: number | undefined
  readonly failed?: number | undefined
  /** Ports, `kept` (what is in the state of the step), and what the plugin counts itself. */
  readonly counts: { readonly [name: string]: number }
  /** Of a source: why no more came. */
  readonly note?: string | undefined
  /** Of a processor: a few records with what became of them. */
  readonly examples?: readonly Example[]
  readonly expressions?: readonly ExpressionReport[]
  /** Of a sink: everything that it would get. */
  readonly records?: readonly Captured[]
}

export interface ExpressionReport {
  /** Where it stands among the options, if it is told by its text: `where`, `set.bucket`. */
  readonly option?: string | undefined
  readonly text: string
  readonly evaluations: number
  /** Of one evaluation. */
  readonly microseconds: number
}

/** Why records would be dead letters, and how many. */
export interface Reason {
  readonly component: string
  readonly code: string
  readonly message: string
  readonly count: number
}

export async function reportTrial(tried: Tried): Promise<TrialReport> {
  const letters = await tried.trial.deadLetters()
  const { failure } = tried.trial
  const code = failure instanceof StreamrunError ? failure.code : 'SR_DEFECT'
  return {
    pipeline: tried.definition.name,
    steps: tried.definition.components.map((component) => reportStep(component, tried, letters)),
    dead_letters: { count: letters.length, reasons: reasonsOf(letters) },
    error: failure === undefined ? null : { code, message: failure.message },
  }
}

type Letter = { readonly [key: string]: Json }

/** What the engine counts by itself; everything else is a port, or a count of the plugin's own. */
const ENGINE_COUNTS = ['in', 'out', 'bytes', 'dropped', 'failed']

function reportStep(component: Component, tried: Tried, letters: readonly Letter[]): StepReport {
  const { name, kind, type } = component
  const counts = new Map(tried.trial.metrics.components.find((one) => one.name === name)?.counts)
  const others = [...counts].filter(([count]) => !ENGINE_COUNTS.includes(count))
  const kept = tried.seen.get(name)?.kept ?? 0
  return {
    name,
    kind,
    type,
    ...passedBy(component, counts, tried),
    dropped: counts.get('dropped'),
    failed: letters.filter((letter) => letter.component === name).length || undefined,
    counts: Object.fromEntries(kept === 0 ? others : [...others, ['kept', kept]]),
    ...partsOf(component, tried),
  }
}

function passedBy({ kind, name }: Component, counts: ReadonlyMap<string, number>, { trial }: Tried) {
  if (kind === 'source') return { out: counts.get('in') ?? 0 }
  if (kind === 'sink') return { in: trial.output(name).length }
  return { in: counts.get('in'), out: counts.get('out') }
}

/** What only its kind has. */
function partsOf(component: Component, { samples, seen, trial }: Tried): Partial<StepReport> {
  const { kind, name, options } = component
  if (kind === 'sink') return { records: trial.output(name) }
  if (kind === 'source') return { note: noteOn(samples.get(name)) }
  const observation = seen.get(name)
  if (observation === undefined) return {}
  return { examples: observation.examples, expressions: expressionsOf(observation, options) }
}

function noteOn(sample: Sample | Script | undefined): string | undefined {
  if (sample === undefined || sample instanceof Script) return undefined
  const { stop } = sample
  switch (stop.kind) {
    case 'limit':
      return undefined
    case 'end':
      return 'the end of its input'
    case 'silence':
      return 'nothing more came'
    case 'error':
      return messageOf(stop.error)
  }
}

function expressionsOf({ costs }: Observation, options: Component['options']): ExpressionReport[] {
  const used = [...costs].filter(([, { evaluations }]) => evaluations > 0)
  return used.map(([text, { evaluations, milliseconds }]) => ({
    option: optionOf(text, options),
    text,
    evaluations,
    microseconds: (milliseconds * 1000) / Math.max(1, evaluations - 1),
  }))
}

function optionOf(text: string, options: Component['options']): string | undefined {
  for (const [option, value] of Object.entries(options)) {
    if (value === text) return option
    const field = value instanceof Map ? [...value].find(([, one]) => one === text)?.[0] : undefined
    if (field !== undefined) return `${option}.${field}`
  }
  return undefined
}

/** The most frequent first. */
function reasonsOf(letters: readonly Letter[]): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const letter of letters) {
    const [component, code, message] = [letter.component, letter.code, letter.message].map(String) as [
      string,
      string,
      string,
    ]
    const key = JSON.stringify([component, code, message])
    reasons.set(key, { component, code, message, count: (reasons.get(key)?.count ?? 0) + 1 })
  }
  return [...reasons.values()].toSorted((a, b) => b.count - a.count)
}
