import { readOptions } from '../../engine/options.ts'
import {
  type Check,
  type CheckContext,
  type Json,
  makeRecord,
  type Processed,
  type ProcessorPlugin,
  type RecordError,
  recordsBatch,
  type StreamRecord,
} from '../../engine/plugin.ts'
import { processorContext } from './context.ts'

/** What a processor made of one batch. */
export interface ProcessorRun {
  /** The records that went in. */
  readonly records: readonly StreamRecord[]
  /** What came out of the main port, in order. */
  readonly emitted: readonly StreamRecord[]
  readonly values: readonly Json[]
  /** What came out of the other ports, by port. */
  readonly ports: ReadonlyMap<string, readonly StreamRecord[]>
  readonly failed: readonly RecordError[]
  /** The calls of `metrics.count`, in order. */
  readonly counts: readonly (readonly [name: string, by: number])[]
  /** True when `process` answered with a promise. */
  readonly waited: boolean
  /** How often `process` was called: its output is full after 100 records. */
  readonly calls: number
}

/** Runs one batch of values through a processor; `options` are written as in YAML. */
export async function runProcessor(
  plugin: ProcessorPlugin,
  options: { readonly [name: string]: Json },
  values: readonly Json[],
): Promise<ProcessorRun> {
  const records = values.map((value, line) => makeRecord({ value, timestamp: 1000 + line, origin: originAt(line) }))
  const emitted: StreamRecord[] = []
  const ports = new Map<string, StreamRecord[]>()
  const failed: RecordError[] = []
  const counts: [string, number][] = []
  const count = (name: string, by = 1) => void counts.push([name, by])
  const context = { ...processorContext(), metrics: { count, gauge() {} } }
  const processor = await plugin.open(readOptions(plugin.options, options), context)
  const batch = recordsBatch(records)
  let calls = 0
  let waited = false
  for (let answer: Processed = 'more'; answer === 'more'; calls++) {
    let room = CALL_RECORDS
    const pending = processor.process(batch, {
      get full() {
        return room <= 0
      },
      emit(record, port) {
        room -= 1
        if (port === undefined) emitted.push(record)
        else ports.set(port, [...(ports.get(port) ?? []), record])
      },
      fail(_, error) {
        failed.push(error)
      },
      watermark: () => Number.NEGATIVE_INFINITY,
    })
    waited ||= typeof pending === 'object'
    answer = await pending
  }
  await processor.close?.()
  return {
    records,
    emitted,
    values: emitted.map(({ value }) => value),
    ports,
    failed,
    counts,
    waited,
    calls,
  }
}

/** What one call of `process` may emit before its output is full. */
const CALL_RECORDS = 100

/** What `check` has against options that are written as in YAML. */
export async function faultsOf(
  plugin: ProcessorPlugin,
  options: { readonly [name: string]: Json },
  context: CheckContext,
): Promise<NonNullable<Check['faults']>> {
  const check = await plugin.check?.(readOptions(plugin.options, options), context)
  return check?.faults ?? []
}

function originAt(line: number): StreamRecord['origin'] {
  return { component: 'source', partition: 'list', position: { line } }
}
