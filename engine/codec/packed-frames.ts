import { type Batch, framesBatch, markedBatch } from '../batch.ts'
import type { DecodedFrames, Decoder } from '../frames.ts'

/** What stands before the columns of a packed batch of frames. */
export interface FramesText {
  readonly codec: string
  readonly component: string
  readonly partition: string
  readonly timestamp: number
  readonly count: number
  readonly offset: number
  readonly line: number
  readonly columns?: readonly ('times' | 'marks')[]
}

const LINE_FEED = 0x0a

/** True of frames that columns say everything of. */
export function isPlain({ attributes, original }: DecodedFrames): boolean {
  return attributes === undefined && original === undefined
}

/** Worth copying as a whole: no more than half of the bytes belong to records that are gone. */
export function isDense({ starts, ends, count }: DecodedFrames): boolean {
  if (count === 0) return true
  let used = 0
  for (let index = 0; index < count; index++) used += (ends[index] as number) - (starts[index] as number)
  const range = (ends[count - 1] as number) - (starts[0] as number)
  return (used + count) * 2 >= range
}

interface PackedFrames {
  readonly text: FramesText
  readonly columns: readonly Uint8Array[]
  readonly bytes: Uint8Array
}

export function packFrames(frames: DecodedFrames, codec: string, marks: Float64Array | undefined): PackedFrames {
  const { data, starts, ends, lines, count, base, times } = frames
  const named = Object.entries({ times, marks }).flatMap(([name, numbers]) =>
    numbers === undefined ? [] : [{ name: name as 'times' | 'marks', bytes: bytesOf(numbers, count) }],
  )
  const first = count === 0 ? 0 : (starts[0] as number)
  const last = count === 0 ? 0 : (ends[count - 1] as number)
  const text: FramesText = {
    codec,
    component: frames.component,
    partition: frames.partition,
    timestamp: frames.timestamp,
    count,
    offset: base.offset + first,
    line: base.line,
    ...(named.length === 0 ? {} : { columns: named.map(({ name }) => name) }),
  }
  const places = [column(starts, count, first), column(ends, count, first), column(lines, count, 0)]
  return {
    text,
    columns: [...places, ...named.map(({ bytes }) => bytes)],
    bytes: data.subarray(first, data[last] === LINE_FEED ? last + 1 : last),
  }
}

/** `body`: where the columns begin. */
export function unpackFrames(
  payload: Buffer,
  body: number,
  text: FramesText,
  codecOf: (name: string) => Decoder,
): Batch {
  const { codec, component, partition, timestamp, count, offset, line, columns: names = [] } = text
  const columns = numbersAt(payload, body, 3 * count)
  const behind = body + 12 * count
  const column = (name: 'times' | 'marks') => {
    const place = names.indexOf(name)
    return place === -1 ? undefined : floatsAt(payload, behind + 8 * count * place, count)
  }
  const frames: DecodedFrames = {
    data: payload.subarray(behind + 8 * count * names.length),
    starts: columns.subarray(0, count),
    ends: columns.subarray(count, 2 * count),
    lines: columns.subarray(2 * count),
    count,
    base: { offset, line },
    times: column('times'),
    codec: codecOf(codec),
    component,
    partition,
    timestamp,
  }
  return markedBatch(framesBatch(frames), column('marks'))
}

/** The used part of a column, less what is no longer in front of the first record. */
function column(numbers: Uint32Array, count: number, less: number): Uint8Array {
  const used = numbers.subarray(0, count)
  const moved = less === 0 ? used : used.map((number) => number - less)
  return new Uint8Array(moved.buffer, moved.byteOffset, moved.byteLength)
}

function bytesOf(numbers: Float64Array, count: number): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, 8 * count)
}

/** Always a copy: payloads are seldom aligned to 8 bytes. */
function floatsAt(payload: Buffer, at: number, count: number): Float64Array {
  const start = payload.byteOffset + at
  return new Float64Array(payload.buffer.slice(start, start + 8 * count))
}

/** A view where the payload happens to be aligned to 4 bytes, as views of numbers must be; else a copy. */
function numbersAt(payload: Buffer, at: number, count: number): Uint32Array {
  const start = payload.byteOffset + at
  if (start % 4 === 0) return new Uint32Array(payload.buffer, start, count)
  return new Uint32Array(payload.buffer.slice(start, start + 4 * count))
}
