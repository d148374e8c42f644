import { framePosition } from '../../../engine/frames.ts'
import { readOptions } from '../../../engine/options.ts'
import type { Failure, Json, Source, Storage } from '../../../engine/plugin.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { type ManualClock, manualClock } from '../../../engine/trial/manual-clock.ts'
import { type SourceTestContext, sourceContext } from '../../../test/contract/context.ts'
import { options } from './options.ts'
import type { Position } from './position.ts'
import { Reader } from './reader.ts'

/** A line as it arrived; its bytes as latin1, so that nothing is lost of half a character. */
export interface Arrived {
  readonly partition: string
  readonly offset: number
  readonly line: number
  readonly text: string
}

/** A reader whose time stands still: it looks at its files only when the test says so. */
export interface TestTail {
  readonly clock: ManualClock
  readonly context: SourceTestContext<Position>
  readonly lines: Arrived[]
  readonly failed: Failure[]
  /** As a checkpoint would have them. */
  readonly positions: Map<string, Position>
  readonly batches: { readonly count: number; readonly caughtUp: boolean }[]
  /** After each batch, what a checkpoint would have, and how many lines had come. */
  readonly history: { readonly positions: ReadonlyMap<string, Position>; readonly lines: number }[]
  /** What the iteration threw. */
  readonly thrown: unknown
  readonly ended: boolean
  readonly texts: string[]
  /** Resolves when the reader waits for its next look, or has ended. */
  settle(): Promise<void>
  /** One look. */
  poll(): Promise<void>
  /** Looks until so much time has passed. */
  pass(ms: number): Promise<void>
  stop(): Promise<void>
}

export interface TailChoices {
  readonly positions?: ReadonlyMap<string, Position>
  readonly storage?: Partial<Storage>
}

/** Starts reading, with a disk that gives no hints. */
export function startTail(values: { readonly [name: string]: Json }, choices: TailChoices = {}): TestTail {
  const clock = manualClock()
  const storage: Storage = { ...diskStorage(), watch: () => undefined, ...choices.storage }
  const positions = new Map(choices.positions)
  const context = sourceContext<Position>({ clock, storage, positions: new Map(positions) })
  const released = { ...context, release: (partition: string) => void positions.delete(partition) }
  const reader = new Reader(readOptions(options, values), released)
  const tail = {
    clock,
    context,
    positions,
    lines: [] as Arrived[],
    failed: [] as Failure[],
    batches: [] as { count: number; caughtUp: boolean }[],
    history: [] as { positions: ReadonlyMap<string, Position>; lines: number }[],
    thrown: undefined as unknown,
    ended: false,
    get texts() {
      return tail.lines.map(({ text }) => text)
    },
    async settle() {
      while (clock.waiting === 0 && !tail.ended) await new Promise((resolve) => setImmediate(resolve))
    },
    async poll() {
      clock.advance(250)
      await tail.settle()
    },
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) await tail.poll()
    },
    async stop() {
      context.stop()
      while (!tail.ended) await new Promise((resolve) => setImmediate(resolve))
      await reader.close()
    },
  }
  void collect(reader, tail)
  return tail
}

type Collecting = Pick<TestTail, 'lines' | 'failed' | 'positions' | 'batches' | 'history'> & {
  thrown: unknown
  ended: boolean
}

async function collect(reader: Source<Position>, tail: Collecting): Promise<void> {
  try {
    for await (const batch of reader.batches()) {
      tail.positions.set(batch.partition, batch.position)
      tail.failed.push(...(batch.failed ?? []))
      tail.batches.push({ count: batch.frames?.count ?? 0, caughtUp: batch.caughtUp })
      const { frames, partition } = batch
      for (let index = 0; index < (frames?.count ?? 0); index++) {
        if (frames === undefined) break
        const text = frames.data.toString('latin1', frames.starts[index], frames.ends[index])
        tail.lines.push({ partition, text, ...(framePosition(frames, index) as { offset: number; line: number }) })
      }
      tail.history.push({ positions: new Map(tail.positions), lines: tail.lines.length })
      batch.release?.()
    }
  } catch (error) {
    tail.thrown = error
  }
  tail.ended = true
}
