import { type StateChanges, StateTable } from '../../engine/checkpoint/keyed-state.ts'
import { readOptions } from '../../engine/options.ts'
import {
  type Json,
  type KeyedState,
  makeRecord,
  type Output,
  type Processed,
  type Processor,
  type ProcessorPlugin,
  type RecordError,
  recordsBatch,
  type StateForm,
  type StreamRecord,
  type Wake,
} from '../../engine/plugin.ts'
import { processorContext, type TestContext } from './context.ts'

export interface TimedOptions {
  /** As in YAML. */
  readonly options: { readonly [name: string]: Json }
  /** How far records may be behind the newest one, in milliseconds; 0. */
  readonly outOfOrderness?: number
  /** Records that one call may emit before its output is full; 100. */
  readonly room?: number
  /** True: wherever a wake says that there is more, a cut is taken, and it goes on from there as after a crash. */
  readonly crashes?: boolean
  readonly context?: TestContext
}

/** A value and its time; `key` where it matters. */
export interface TimedValue {
  readonly at: number
  readonly value: Json
  readonly key?: string
}

/** A processor that is driven in event time, by hand, as the engine would: one partition, its watermark, its state. */
export interface TimedProcessor {
  /** One batch. The watermark follows each record at its distance; wakes come between batches. */
  feed(...values: readonly TimedValue[]): Promise<void>
  /** Moves the watermark without a record, as an idle partition or another input would. */
  watermark(to: number): Promise<void>
  /** Moves the clock of the context and wakes what falls due by it. */
  advance(ms: number): Promise<void>
  /** The end of input. */
  end(): Promise<void>
  /**
   * Closes it and opens it anew with the state of the last cut, taken here, as JSON text: a crash right behind a
   * checkpoint. With other options where such are given.
   */
  restart(changed?: TimedOptions['options']): Promise<void>
  /** Emitted by the main port so far, in order. */
  readonly emitted: readonly StreamRecord[]
  readonly values: readonly Json[]
  ports(name: string): readonly StreamRecord[]
  readonly failed: readonly { readonly record: StreamRecord; readonly error: RecordError }[]
  /** Bytes of state that the cuts of `restart` have written, all in all. */
  readonly stateBytes: number
  /** Keys in all of its states. */
  readonly stateKeys: number
}

export async function openTimed(plugin: ProcessorPlugin, settings: TimedOptions): Promise<TimedProcessor> {
  const { outOfOrderness = 0, room = 100, crashes = false } = settings
  const context = (settings.context ?? processorContext()) as TestContext
  const clock = context.clock as TestContext['clock'] & { advance(ms: number): void }
  const emitted: StreamRecord[] = []
  const ports = new Map<string, StreamRecord[]>()
  const failed: { record: StreamRecord; error: RecordError }[] = []
  const watermarks = new WeakMap<StreamRecord, number>()
  const kept = new Map<string, Map<string, Json>>()
  let states = new Map<string, StateTable<unknown>>()
  let newest = Number.NEGATIVE_INFINITY
  let watermark = Number.NEGATIVE_INFINITY
  let line = 0
  let stateBytes = 0
  let { options } = settings
  let processor = await open()

  function open(): Processor | Promise<Processor> {
    states = new Map()
    const state = <V>(name: string, form?: StateForm<V>): KeyedState<V> => {
      const table = new StateTable<V>(kept.get(name) ?? [], form)
      states.set(name, table as StateTable<unknown>)
      return table
    }
    return plugin.open(readOptions(plugin.options, options), { ...context, state })
  }

  function cut(): void {
    for (const [name, table] of states) {
      const changes: StateChanges = table.takeChanges()
      const values = kept.get(name) ?? new Map<string, Json>()
      kept.set(name, values)
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else {
          const text = JSON.stringify(value)
          stateBytes += text.length + key.length
          values.set(key, JSON.parse(text) as Json)
        }
      }
    }
  }

  function output(): Output {
    let left = room
    return {
      get full() {
        return left <= 0
      },
      emit(record, port) {
        left -= 1
        if (port === undefined) emitted.push(record)
        else ports.set(port, [...(ports.get(port) ?? []), record])
      },
      fail: (record, error) => void failed.push({ record, error }),
      watermark: (record) => watermarks.get(record) ?? watermark,
    }
  }

  async function call(once: (out: Output) => Processed | Promise<Processed>): Promise<void> {
    for (let answer: Processed = 'more'; answer === 'more'; ) answer = await once(output())
  }

  async function wake(time: Wake): Promise<void> {
    await call(async (out) => {
      const answer = await processor.wake?.(time, out)
      if (answer === 'more' && crashes) await restart()
      return answer
    })
  }

  async function restart(changed = options): Promise<void> {
    cut()
    await processor.close?.()
    options = changed
    processor = await open()
  }

  async function wakeIfDue(): Promise<void> {
    const { event, clock: moment } = processor.wakeAt?.() ?? {}
    if (event !== undefined && event <= watermark) await wake({ kind: 'event', watermark })
    if (moment !== undefined && moment <= clock.now()) await wake({ kind: 'clock', now: clock.now() })
  }

  return {
    async feed(...given) {
      const records = given.map(({ at, value, key = null }) => {
        const origin = { component: 'source', partition: 'list', position: { line: line++ } }
        const record = makeRecord({ value, key, timestamp: at, origin })
        watermarks.set(record, Math.max(watermark, newest - outOfOrderness))
        newest = Math.max(newest, at)
        return record
      })
      const batch = recordsBatch(records)
      await call((out) => processor.process(batch, out))
      watermark = Math.max(watermark, newest - outOfOrderness)
      await wakeIfDue()
    },
    async watermark(to) {
      watermark = Math.max(watermark, to)
      await wakeIfDue()
    },
    async advance(ms) {
      clock.advance(ms)
      await wakeIfDue()
    },
    async end() {
      watermark = Number.POSITIVE_INFINITY
      if (processor.wake !== undefined) await wake({ kind: 'event', watermark })
    },
    restart,
    emitted,
    get values() {
      return emitted.map(({ value }) => value)
    },
    ports: (name) => ports.get(name) ?? [],
    failed,
    get stateBytes() {
      return stateBytes
    },
    get stateKeys() {
      return [...states.values()].reduce((sum, { size }) => sum + size, 0)
    },
  }
}
