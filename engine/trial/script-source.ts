import { recordsBatch } from '../batch.ts'
import type { SourceComponent } from '../config/definition.ts'
import type { Frames } from '../frames.ts'
import { Notifier } from '../notifier.ts'
import type { Failure, Source, SourceBatch, SourceContext } from '../plugin.ts'
import { type Header, type Json, makeRecord } from '../record.ts'

/** One record that a source is to hand over. */
export interface ScriptedRecord {
  readonly value: Json
  /** The bytes in place of the value, for what the codec is to refuse. */
  readonly raw?: string | undefined
  readonly key?: string | undefined
  /** Epoch milliseconds; the clock's now when left out. */
  readonly at?: number | undefined
  readonly headers?: readonly Header[] | undefined
  readonly partition?: string | undefined
  /** It is none: what a source that makes its records could not make. */
  readonly failure?: Failure | undefined
}

/** What stands in the place of a source: hands over what it is given, and goes on behind its position after a restart. */
export class Script {
  readonly #given: ScriptedRecord[] = []
  readonly #came = new Notifier()
  #ended = false

  give(records: readonly ScriptedRecord[]): void {
    this.#given.push(...records)
    this.#came.notify()
  }

  /** The end of input. */
  end(): void {
    this.#ended = true
    this.#came.notify()
  }

  /** More may come again. */
  reopen(): void {
    this.#ended = false
  }

  /** `component`, reading from here: its codec and what it says about time stay. */
  inPlaceOf(component: SourceComponent): SourceComponent {
    const open = (_: unknown, context: SourceContext): Source => ({ batches: () => this.#batches(component, context) })
    return { ...component, check: {}, plugin: { ...component.plugin, delivery: 'replayable', open } }
  }

  async *#batches(component: SourceComponent, context: SourceContext): AsyncGenerator<SourceBatch> {
    const positions = new Positions(context)
    context.stopping.addEventListener('abort', () => this.#came.notify(), { once: true })
    for (let next = 0; !context.stopping.aborted; ) {
      const came = this.#came.wait()
      const run = runAt(this.#given, next)
      if (run.length > 0) {
        next += run.length
        const partition = partitionOf(run[0])
        const fresh = await positions.passOver(partition, run)
        if (fresh.length === 0) continue
        const position = { record: positions.of(partition) }
        const caughtUp = next === this.#given.length
        yield { partition, position, caughtUp, ...contentOf(fresh, component, context, position.record - fresh.length) }
      } else if (this.#ended) return
      else await came
    }
  }
}

/** How many records of each partition were handed over: a position is the number of the next one. */
class Positions {
  readonly #context: SourceContext
  readonly #seen = new Map<string, number>()
  readonly #resumed = new Map<string, number>()

  constructor(context: SourceContext) {
    this.#context = context
  }

  of(partition: string): number {
    return this.#seen.get(partition) ?? 0
  }

  /** Those of `run` that were not handed over before the restart. */
  async passOver(partition: string, run: readonly ScriptedRecord[]): Promise<readonly ScriptedRecord[]> {
    if (!this.#resumed.has(partition)) {
      const position = (await this.#context.resume(partition)) as { record: number } | undefined
      this.#resumed.set(partition, position?.record ?? 0)
    }
    const before = this.of(partition)
    this.#seen.set(partition, before + run.length)
    return run.slice(Math.max(0, (this.#resumed.get(partition) ?? 0) - before))
  }
}

/** Records from `first` on that can travel in one batch. */
function runAt(given: readonly ScriptedRecord[], first: number): readonly ScriptedRecord[] {
  const partition = partitionOf(given[first])
  let end = first
  while (end < given.length && end - first < MOST_RECORDS && partitionOf(given[end]) === partition) end += 1
  return given.slice(first, end)
}

const MOST_RECORDS = 1000

function partitionOf(record: ScriptedRecord | undefined): string {
  return record?.partition ?? '0'
}

function contentOf(
  records: readonly ScriptedRecord[],
  component: SourceComponent,
  { clock }: SourceContext,
  first: number,
): Pick<SourceBatch, 'frames' | 'records' | 'failed'> {
  const { codec } = component
  if (codec !== undefined) {
    const texts = records.map(
      ({ value, raw }) => raw ?? (codec.name === 'lines' ? String(value) : JSON.stringify(value)),
    )
    return { frames: framesOf(records, texts, clock.now(), first) }
  }
  const made = records.flatMap(
    ({ value, key = null, at = clock.now(), headers = [], partition = '0', failure }, index) => {
      const origin = { component: component.name, partition, position: { record: first + index } }
      return failure === undefined ? [makeRecord({ value, key, timestamp: at, headers, origin })] : []
    },
  )
  return { records: recordsBatch(made), failed: records.flatMap(({ failure }) => failure ?? []) }
}

/** As a topic would hand them over: bytes, and beside them what is not in the bytes. */
function framesOf(records: readonly ScriptedRecord[], texts: readonly string[], now: number, first: number): Frames {
  const pieces = texts.map((text) => Buffer.from(text.includes('\n') ? text : `${text}\n`))
  const starts = new Uint32Array(texts.length)
  const ends = new Uint32Array(texts.length)
  let at = 0
  for (const [index, { length }] of pieces.entries()) {
    starts[index] = at
    at += length
    ends[index] = texts[index]?.includes('\n') ? at : at - 1
  }
  return {
    data: Buffer.concat(pieces),
    starts,
    ends,
    lines: Uint32Array.from(texts.keys()),
    count: texts.length,
    base: { offset: 0, line: 0 },
    attributes: {
      key: (line) => bytesOf(records[line]?.key),
      timestamp: (line) => records[line]?.at ?? now,
      headers: (line) => records[line]?.headers ?? [],
      position: (line) => ({ record: first + line }),
    },
  }
}

function bytesOf(key: string | undefined): Uint8Array | null {
  return key === undefined ? null : Buffer.from(key)
}
