import {
  type ChannelContext,
  createCodec,
  type DurableChannel,
  defineChannel,
  Notifier,
  type OptionValues,
  openLog,
} from '../../../engine/plugin.ts'
import type { Flow } from './flow.ts'
import { options } from './options.ts'
import { readerOf } from './reader.ts'
import { Room } from './room.ts'
import { writerOf } from './writer.ts'

/** A durable log between two segments; a batch is one frame of it. What is in a frame, parcel.ts says. */
export default defineChannel({
  type: 'file',
  summary:
    'Holds records on the disk between two stages, so that they outlive the process and a slow reader holds nobody up.',
  options,
  durable: { open: openFileChannel },
})

async function openFileChannel(values: OptionValues<typeof options>, context: ChannelContext): Promise<DurableChannel> {
  const { clock, storage, stateFolder, stopping, signal } = context
  const log = await openLog(storage, stateFolder, {
    segmentSize: values.segment_size,
    sync: values.sync === 'always' ? 'always' : { interval: values.sync_interval, clock },
  })
  const flow: Flow = {
    log,
    start: undefined,
    written: NOTHING,
    handedOver: NOTHING,
    arrived: NOTHING,
    committed: NOTHING,
    covered: 0,
    changed: new Notifier(),
  }
  const room = new Room(values, flow, context)
  await room.lookAtDisk()
  let ended = false
  for (const ending of [stopping, signal]) ending.addEventListener('abort', () => flow.changed.notify())
  return {
    writer: writerOf(flow, room, context),
    reader: readerOf(flow, room, context, { ended: () => ended, codecOf: (name) => createCodec(name, {}) }),
    end() {
      ended = true
      flow.changed.notify()
    },
    drained: () => flow.written.records === flow.arrived.records,
    waiting: () => flow.written.records - flow.handedOver.records,
    close: () => log.close(),
  }
}

const NOTHING = { bytes: 0, records: 0 }
