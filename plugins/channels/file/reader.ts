import { type ChannelContext, type Source, type SourceBatch, StreamrunError } from '../../../engine/plugin.ts'
import type { Flow, Position } from './flow.ts'
import { type CodecOf, totalsIn, unpackParcel } from './parcel.ts'
import type { Room } from './room.ts'

export interface ReaderParts {
  /** True when nothing more will be written in this run. */
  readonly ended: () => boolean
  readonly codecOf: CodecOf
}

/** The reading end: frames as soon as they are written, whether the writer has committed them or not. */
export function readerOf(flow: Flow, room: Room, context: ChannelContext, parts: ReaderParts): Source<Position> {
  const { id, stopping, signal } = context
  const { log, changed } = flow

  async function* batches(): AsyncGenerator<SourceBatch<Position>> {
    while (flow.start === undefined && !stopping.aborted) await changed.wait()
    let seq = flow.start?.seq ?? 0
    let asked = -1
    while (!stopping.aborted) {
      if (seq === log.end) {
        if (parts.ended()) return
        // Everything is read, and only a checkpoint makes room: one is asked for, once.
        if (room.isFull && asked !== seq) context.requestCheckpoint()
        asked = seq
        await changed.wait()
        continue
      }
      for (const frame of await log.read(seq, READ_BYTES)) {
        if (stopping.aborted) return
        seq = frame.seq + 1
        const { batch, after } = unpackParcel(frame.payload, parts.codecOf)
        flow.handedOver = after
        yield { partition: id, records: batch, position: { seq, ...after }, caughtUp: seq === log.end }
        flow.arrived = after
      }
    }
  }

  return {
    batches,
    async covered(positions) {
      const seq = positions.get(id)?.seq ?? 0
      while (flow.covered < seq && !signal.aborted) await changed.wait()
    },
    async commit(positions) {
      const position = positions.get(id)
      if (position === undefined) return
      flow.committed = { bytes: position.bytes, records: position.records }
      await log.drop(position.seq)
      changed.notify()
    },
  }
}

/** Where the reader goes on; asked when the log is as the writer's last epoch left it. */
export async function startOf({ log, written }: Flow, context: ChannelContext): Promise<Position> {
  const position = (await context.resume(context.id)) as Position | undefined
  if (position === undefined) {
    const [first] = await log.read(log.first, 1)
    return { seq: log.first, ...(first === undefined ? written : totalsIn(first.payload)) }
  }
  if (position.seq >= log.first && position.seq <= log.end) return position
  const held = `${context.stateFolder} holds frames ${log.first} to ${log.end}`
  const message = `${held}, but its reader has committed everything before ${position.seq}`
  throw new StreamrunError('SR_LOG_CORRUPT', message, { component: context.id })
}

/** About as many bytes as are in flight between two stages. */
const READ_BYTES = 256 * 1024
