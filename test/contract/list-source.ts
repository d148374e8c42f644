import type { RecordErrorCode } from '../../engine/errors.ts'
import {
  defineSource,
  type Frames,
  type Json,
  makeRecord,
  type Origin,
  RecordError,
  recordsBatch,
  type SourceBatch,
  type SourceContext,
  type SourcePlugin,
} from '../../engine/plugin.ts'
import type { KilledWithRun } from './mortal.ts'
import { Turnstile } from './turnstile.ts'

/** What a source from a list does, one after the other. Each step that hands something over is one batch. */
export type Step =
  | { readonly kind: 'records'; readonly values: readonly Json[] }
  | { readonly kind: 'lines'; readonly texts: readonly string[] }
  | { readonly kind: 'unreadable'; readonly text: string; readonly code: RecordErrorCode }
  | { readonly kind: 'pause' }
  | { readonly kind: 'fail'; readonly error: Error }
  | { readonly kind: 'end' }
  | { readonly kind: 'abort' }

/** Hands over records with these values. */
export const records = (...values: readonly Json[]): Step => ({ kind: 'records', values })
/** Hands over bytes, which the codec of the component decodes: here a broken line can stand among good ones. */
export const lines = (...texts: readonly string[]): Step => ({ kind: 'lines', texts })
/** Hands over one failure, as a source does that cannot read what is there. */
export const unreadable = (text: string, code: RecordErrorCode = 'SR_LINE_TOO_LONG'): Step => ({
  kind: 'unreadable',
  text,
  code,
})
/** Hands over nothing until `go` is called. */
export const pause = (): Step => ({ kind: 'pause' })
/** Throws, once: the next run reads on behind it. */
export const fail = (error: Error): Step => ({ kind: 'fail', error })
/** The end of input, for this run: the next one reads on behind it. */
export const end = (): Step => ({ kind: 'end' })
/** `runPipeline` kills the process here, once: the next run reads on behind it, from its last checkpoint. */
export const abort = (): Step => ({ kind: 'abort' })

/** A source from a list, to be named in a definition, and what it did so far. It is one partition, `list`. */
export interface ListSource {
  readonly plugin: SourcePlugin & KilledWithRun
  /** Lets it pass the pause that it stands at, or else the next one. */
  go(): void
  /** Resolves when it stands at a pause. */
  atPause(): Promise<void>
  /** Steps that it handed over, in all runs together. */
  readonly handedOver: number
  /** The step that the last committed position stands before. */
  readonly committed: number
}

/** Reads `steps` from the last committed one on; its position is the number of the next step: `{ step }`. */
export function listSource(...steps: readonly Step[]): ListSource {
  const pauses = new Turnstile()
  let aborts = new Turnstile()
  const spent = new Set<Step>()
  let handedOver = 0
  let committed = 0

  async function* batches(context: SourceContext<Position>): AsyncGenerator<SourceBatch<Position>> {
    const from = (await context.resume(PARTITION))?.step ?? 0
    const passPause = pauses.visitor()
    for (let number = from; number < steps.length && !context.stopping.aborted; number++) {
      const step = steps[number] as Step
      if (step.kind === 'pause') await passPause(context.stopping)
      else if (handsOver(step)) {
        handedOver += 1
        yield batchOf(step, number, steps, context)
      } else if (!spent.has(step)) {
        spent.add(step)
        if (step.kind === 'fail') throw step.error
        if (step.kind === 'abort') await abortHere(context.stopping)
        return
      }
    }
  }

  /** Whoever asks from here on waits for the next one. */
  function abortHere(stopping: AbortSignal): Promise<void> {
    const here = aborts
    aborts = new Turnstile()
    return here.visitor()(stopping)
  }

  const plugin = defineSource<Record<never, never>, Position>({
    type: 'testing-list',
    summary: 'Reads what a test has listed.',
    delivery: 'replayable',
    codec: true,
    options: {},
    open: (_, context) => ({
      batches: () => batches(context),
      async commit(positions) {
        committed = positions.get(PARTITION)?.step ?? committed
      },
    }),
  })
  return {
    plugin: { ...plugin, aborted: () => aborts.reached(), died: () => pauses.vacate() },
    go: () => pauses.open(),
    atPause: () => pauses.reached(),
    get handedOver() {
      return handedOver
    },
    get committed() {
      return committed
    },
  }
}

type Position = { readonly step: number }
type Data = Extract<Step, { kind: 'records' | 'lines' | 'unreadable' }>

const PARTITION = 'list'

function handsOver(step: Step): step is Data {
  return step.kind === 'records' || step.kind === 'lines' || step.kind === 'unreadable'
}

function batchOf(
  step: Data,
  number: number,
  steps: readonly Step[],
  { id, clock }: SourceContext<Position>,
): SourceBatch<Position> {
  const next = steps[number + 1]
  const shared = {
    partition: PARTITION,
    position: { step: number + 1 },
    caughtUp: next === undefined || !handsOver(next),
  }
  const origin = (index: number): Origin => ({ component: id, partition: PARTITION, position: { step: number, index } })
  if (step.kind === 'lines') return { ...shared, frames: framesOf(step.texts, placeOf(number, steps)) }
  if (step.kind === 'unreadable') {
    const error = new RecordError(step.code, 'the test says that it cannot be read')
    return { ...shared, failed: [{ error, raw: Buffer.from(step.text), origin: origin(0) }] }
  }
  const timestamp = clock.now()
  const made = step.values.map((value, index) => makeRecord({ value, timestamp, origin: origin(index) }))
  return { ...shared, records: recordsBatch(made) }
}

/** As if all the lines of the list were one file. */
function placeOf(number: number, steps: readonly Step[]): Frames['base'] {
  const before = steps.slice(0, number).flatMap((step) => (step.kind === 'lines' ? step.texts : []))
  const offset = before.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
  return { offset, line: before.length + 1 }
}

/** The texts as the bytes of a file of lines. */
export function framesOf(texts: readonly string[], base: Frames['base'] = { offset: 0, line: 1 }): Frames {
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const ends = Uint32Array.from(sizes)
  for (let index = 1; index < ends.length; index++) ends[index] = (ends[index - 1] ?? 0) + 1 + (sizes[index] ?? 0)
  return {
    data: Buffer.from(texts.map((text) => `${text}\n`).join('')),
    starts: ends.map((at, index) => at - (sizes[index] ?? 0)),
    ends,
    lines: Uint32Array.from(texts.keys()),
    count: texts.length,
    base,
  }
}
