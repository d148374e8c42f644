import type { Header } from '../../../../engine/plugin.ts'
import type { RecordSet } from '../port.ts'
import type { Batch, Message } from './internals.ts'

/** A batch as sets of about 256 KiB, which is what flows between stages; one of no records for markers alone. */
export function recordSetsOf(batch: Batch): readonly RecordSet[] {
  const parts = divide(batch.messages)
  const end = Number(batch.highWatermark)
  const next = nextOf(batch) ?? Number(batch.fetchedOffset)
  return parts.map((messages, index) => {
    const following = parts[index + 1]?.[0]
    return new MessageSet(batch, messages, following === undefined ? next : Number(following.offset), end)
  })
}

/** Where to go on behind all of it; undefined: nothing came. */
export function nextOf(batch: Batch): number | undefined {
  const { rawMessages, fetchedOffset } = batch
  // Of a batch without records kafkajs says that it ends with the partition.
  const last = rawMessages.length === 0 ? -1 : Number(batch.lastOffset())
  const next = Math.max(last + 1, rawMessages.next ?? 0)
  return next > Number(fetchedOffset) ? next : undefined
}

function divide(messages: readonly Message[]): readonly (readonly Message[])[] {
  const parts: (readonly Message[])[] = []
  let from = 0
  let bytes = 0
  for (const [index, { value }] of messages.entries()) {
    bytes += (value?.length ?? 0) + 1
    if (bytes < SET_BYTES) continue
    parts.push(messages.slice(from, index + 1))
    from = index + 1
    bytes = 0
  }
  if (from < messages.length || parts.length === 0) parts.push(messages.slice(from))
  return parts
}

const SET_BYTES = 256 * 1024

class MessageSet implements RecordSet {
  readonly topic: string
  readonly partition: number
  readonly count: number
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly next: number
  readonly end: number
  readonly #messages: readonly Message[]

  constructor({ topic, partition }: Batch, messages: readonly Message[], next: number, end: number) {
    this.topic = topic
    this.partition = partition
    this.count = messages.length
    this.next = next
    this.end = end
    this.#messages = messages
    this.starts = new Uint32Array(this.count)
    this.ends = new Uint32Array(this.count)
    this.data = Buffer.allocUnsafe(messages.reduce((sum, { value }) => sum + (value?.length ?? 0) + 1, 0))
    this.#copyValues()
  }

  isTombstone(index: number): boolean {
    return this.#message(index).value === null
  }

  key(index: number): Uint8Array | null {
    return this.#message(index).key
  }

  timestamp(index: number): number {
    return Number(this.#message(index).timestamp)
  }

  headers(index: number): readonly Header[] {
    const entries = Object.entries(this.#message(index).headers)
    return entries.flatMap(([name, values]) =>
      [values].flat().map((value) => ({ name, value: (value as Buffer | null) ?? EMPTY })),
    )
  }

  offset(index: number): number {
    return Number(this.#message(index).offset)
  }

  #copyValues(): void {
    let at = 0
    for (const [index, { value }] of this.#messages.entries()) {
      this.starts[index] = at
      if (value !== null) at += value.copy(this.data, at)
      this.ends[index] = at
      this.data[at++] = 0x0a
    }
  }

  #message(index: number): Message {
    return this.#messages[index] as Message
  }
}

const EMPTY = Buffer.alloc(0)
