import { expect } from 'vitest'
import { systemClock } from '../../engine/clock.ts'
import { readOptions } from '../../engine/options.ts'
import {
  createCodec,
  type DurableChannel,
  framesBatch,
  type Json,
  makeRecord,
  recordsBatch,
  type SourceBatch,
  type StreamRecord,
} from '../../engine/plugin.ts'
import { seededRandom } from '../../engine/random.ts'
import { type MemoryStorage, memoryStorage } from '../../engine/trial/memory-storage.ts'
import type { ChannelFixture } from './channel-suite.ts'
import { type ChannelTestContext, channelContext } from './context.ts'
import { framesOf } from './list-source.ts'
import { plainRecord, throughJson } from './specimens.ts'

/** A durable channel under test, through as many lives as the test gives it. */
export class ChannelBench {
  readonly #fixture: ChannelFixture
  readonly #lives: { readonly channel: DurableChannel; readonly context: ChannelTestContext }[] = []
  #abort = new AbortController()
  #storage: MemoryStorage = memoryStorage()
  #size: 'roomy' | 'small' = 'roomy'
  #iteration: AsyncIterator<SourceBatch> | undefined
  #made = 0
  /** What was written and not taken back, in words that can be compared; how much of it the last epoch covers. */
  #written: unknown[] = []
  #coveredByWriter = 0
  #writerState: Json | undefined
  /** What was read and not taken back, and how much of it is committed. */
  #read: unknown[] = []
  #committedByReader = 0
  #committed = new Map<string, Json>()
  positions = new Map<string, Json>()

  private constructor(fixture: ChannelFixture) {
    this.#fixture = fixture
  }

  static async use(fixture: ChannelFixture, check: (bench: ChannelBench) => Promise<void>): Promise<void> {
    const bench = new ChannelBench(fixture)
    try {
      await check(bench)
    } finally {
      bench.#abort.abort()
      await bench.close().catch(() => {})
    }
  }

  get channel(): DurableChannel {
    return this.#life.channel
  }

  get context(): ChannelTestContext {
    return this.#life.context
  }

  get countRead(): number {
    return this.#read.length
  }

  /** In the order in which the engine calls: the reader is told first, then the writer is brought back. */
  async open(size: 'roomy' | 'small' = this.#size): Promise<void> {
    this.#size = size
    const { plugin, options = {}, small } = this.#fixture
    const context = channelContext({
      id: 'buffer',
      clock: systemClock(),
      storage: this.#storage,
      stateFolder: '/state/components/buffer',
      signal: this.#abort.signal,
      positions: this.#committed,
    })
    const chosen = readOptions(plugin.options, size === 'small' ? small : options)
    const channel = await plugin.durable?.open(chosen, context)
    if (channel === undefined) throw new Error('this channel is not durable')
    this.#lives.push({ channel, context })
    if (this.#committed.size > 0) await channel.reader.commit?.(this.#committed)
    await channel.writer.restore?.(this.#writerState)
    if (this.#writerState !== undefined) await channel.writer.commit?.(this.#writerState)
    this.#iteration = channel.reader.batches()[Symbol.asyncIterator]()
  }

  /** Kills it, or cuts the power, and opens it with what is in the checkpoint. */
  async recover(powerCut: number | undefined): Promise<void> {
    if (powerCut !== undefined) this.#storage = this.#storage.crash(seededRandom(powerCut))
    this.#written.length = this.#coveredByWriter
    this.#read.length = this.#committedByReader
    this.positions = new Map(this.#committed)
    await this.open()
  }

  /** The next `count` values as one batch, in turn as frames and as records. */
  async write(count: number): Promise<void> {
    const values = Array.from({ length: count }, (_, index) => ({ number: this.#made + index, text: 'ü' }))
    this.#made += count + 1
    if (this.#made % 2 === 0) await this.#writeFrames(values.map((value) => JSON.stringify(value)))
    else await this.writeRecords(values.map((value) => makeRecord({ value, timestamp: 1, origin: ORIGIN })))
  }

  async writeRecords(records: readonly StreamRecord[]): Promise<void> {
    this.#written.push(...records.map(plainRecord))
    await this.channel.writer.write(recordsBatch(records))
  }

  async flush(): Promise<WriterCut> {
    const covers = this.#written.length
    const state = await this.channel.writer.flush?.()
    return { state: throughJson(state as Json), covers }
  }

  /** An epoch of the writing segment, in the order of F-1. */
  async commitWriter(cut?: WriterCut): Promise<WriterCut> {
    const { state, covers } = cut ?? (await this.flush())
    this.#writerState = state
    this.#coveredByWriter = covers
    await this.channel.writer.commit?.(state)
    return { state, covers }
  }

  /** Reads until `count` more records have come. */
  async read(count: number): Promise<void> {
    const until = this.#read.length + count
    while (this.#read.length < until) {
      if (!(await this.#readBatch())) throw new Error('the reader has ended too early')
    }
  }

  async readAll(): Promise<void> {
    await this.read(this.#written.length - this.#read.length)
  }

  async readToEnd(): Promise<void> {
    while (await this.#readBatch());
  }

  /** An epoch of the reading segment. */
  async commitReader(): Promise<void> {
    if (this.positions.size === 0) return
    await this.channel.reader.covered?.(this.positions)
    this.#committed = new Map([...this.positions].map(([name, position]) => [name, throughJson(position)]))
    this.#committedByReader = this.#read.length
    await this.channel.reader.commit?.(this.#committed)
  }

  /** What was read is what was written: every record once, in order. */
  expectRead(): void {
    expect(this.#read).toEqual(this.#written)
  }

  abort(): void {
    this.#abort.abort()
  }

  async close(): Promise<void> {
    const { reader, writer, close } = this.channel
    await reader.close?.()
    await writer.close?.()
    await close()
  }

  get #life() {
    const life = this.#lives.at(-1)
    if (life === undefined) throw new Error('open it first')
    return life
  }

  async #writeFrames(texts: readonly string[]): Promise<void> {
    const { component, partition } = ORIGIN
    const frames = { ...framesOf(texts), codec: createCodec('json'), component, partition, timestamp: 1 }
    const batch = framesBatch(frames)
    this.#written.push(...batch.records.map(plainRecord))
    await this.channel.writer.write(framesBatch(frames))
  }

  async #readBatch(): Promise<boolean> {
    const { value, done } = (await this.#iteration?.next()) ?? { done: true, value: undefined }
    if (done) return false
    if (value.frames !== undefined) throw new Error('a channel knows the codec of its frames: it hands over `records`')
    this.#read.push(...(value.records?.records ?? []).map(plainRecord))
    this.positions.set(value.partition, value.position)
    value.release?.()
    return true
  }
}

/** The state of a flush of the writer, and how many records it covers. */
export interface WriterCut {
  readonly state: Json
  readonly covers: number
}

const ORIGIN = { component: 'source', partition: 'list', position: null }
