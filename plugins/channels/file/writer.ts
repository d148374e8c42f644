import {
  type ChannelContext,
  errorCode,
  messageOf,
  retryable,
  type Sink,
  StreamrunError,
} from '../../../engine/plugin.ts'
import type { Flow, WriterState } from './flow.ts'
import { lostParcel, packParcel } from './parcel.ts'
import { startOf } from './reader.ts'
import type { Room } from './room.ts'

/** The writing end: one batch is one frame. */
export function writerOf(flow: Flow, room: Room, context: ChannelContext): Sink<WriterState> {
  const { log } = flow
  return {
    full: () => room.full(),
    async write(batch) {
      if (batch.size === 0) return
      await room.lookWhenDue()
      if (room.drops(batch)) return
      const { payload, after } = packParcel(batch, flow.written)
      await append(flow, payload, context)
      flow.written = after
      flow.changed.notify()
    },
    async flush() {
      const { end } = log
      const { written } = flow
      // With `sync: always` everything before `end` is on the disk when this resolves: the checkpoint rests on it (F-1).
      await log.sync()
      return { end, ...written, durable: log.durableEnd >= end }
    },
    async commit({ end }) {
      flow.covered = Math.max(flow.covered, end)
      flow.changed.notify()
    },
    async restore(state) {
      if (state !== undefined && state.end > log.end && !state.durable) await replaceLost(flow, state, context)
      else await log.truncate(state?.end ?? 0)
      flow.written = { bytes: state?.bytes ?? 0, records: state?.records ?? 0 }
      flow.covered = log.end
      flow.start = await startOf(flow, context)
      flow.committed = { bytes: flow.start.bytes, records: flow.start.records }
      flow.handedOver = flow.committed
      flow.arrived = flow.committed
      flow.changed.notify()
    },
  }
}

async function append(flow: Flow, payload: readonly Uint8Array[], context: ChannelContext): Promise<void> {
  try {
    await flow.log.append(payload)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOSPC' || code === 'EDQUOT') throw retryable('disk full', error)
    if (error instanceof StreamrunError) throw error
    const { id: component, stateFolder } = context
    throw new StreamrunError('SR_IO', `cannot write to ${stateFolder}: ${messageOf(error)}`, {
      component,
      cause: error,
    })
  }
}

/**
 * A power cut took what `sync: interval` had promised to nobody. Frames keep their numbers, because the reader may
 * have read and committed some of the lost ones: empty frames stand in their places.
 */
async function replaceLost(flow: Flow, state: WriterState, context: ChannelContext): Promise<void> {
  const lost = state.end - flow.log.end
  context.log.warn(`${lost} batches that were not synced yet were lost in a power cut`, { batches: lost })
  context.metrics.count('lost_batches', lost)
  while (flow.log.end < state.end) await append(flow, lostParcel(state), context)
}
