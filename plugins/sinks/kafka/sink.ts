import {
  type Batch,
  type DecodedFrames,
  type OptionValues,
  PartialWriteError,
  type Sink,
  type SinkContext,
} from '../../../engine/plugin.ts'
import type { Kafka, Producer, ProducerState } from '../../shared/kafka/port.ts'
import { Addressing } from './addressing.ts'
import { type ColumnParts, packColumns } from './columns.ts'
import { type Load, send } from './load.ts'
import type { options } from './options.ts'
import { packRecords } from './records.ts'
import { Topics } from './topics.ts'

type Settings = OptionValues<typeof options>

/** Sends each batch, divided by partition. Where the producer has checkpoints, they are those of the sink. */
export async function openKafkaSink(settings: Settings, context: SinkContext): Promise<Sink<ProducerState>> {
  const kafka = await context.connection<Kafka>(settings.connection)
  const topics = new Topics(kafka, settings.create)
  const addressing = new Addressing(settings, topics, context)
  const { constantTopic } = addressing
  // What can be known at the start is said at the start.
  if (constantTopic !== undefined) await topics.partitionsOf(constantTopic)
  const producer = await kafka.producer({
    compression: settings.compression,
    owner: `${context.pipeline}/${context.id}`,
    topics: constantTopic === undefined ? undefined : [constantTopic],
    signal: context.signal,
  })
  let load: Load | undefined
  return {
    async write(batch) {
      const pack = packerOf(batch, { context, addressing, producer })
      // The same batch again: what has arrived of it is not sent again.
      if (load?.batch !== batch) load = await pack()
      await send(load)
      const { refused } = load
      load = undefined
      if (refused.size > 0) throw new PartialWriteError(refused)
    },
    ...producer.checkpoints,
    close: () => producer.close(),
  }
}

interface Parts {
  readonly context: SinkContext
  readonly addressing: Addressing
  readonly producer: Producer
}

/** Encodes the batch: each time that it is written, since what cannot be encoded is told each time. */
function packerOf(batch: Batch, { context, addressing, producer }: Parts): () => Promise<Load> {
  const columns = columnPartsOf(batch, { context, addressing, producer })
  const values = columns === undefined ? context.encodeEach(batch) : []
  return () => {
    addressing.beginBatch()
    return columns === undefined ? packRecords(batch, values, { addressing, producer }) : packColumns(batch, columns)
  }
}

/** Undefined: its records have something of their own beside their values, or the producer takes no columns. */
function columnPartsOf(batch: Batch, { context, addressing, producer }: Parts): ColumnParts | undefined {
  const { frames } = batch
  const { byKey } = addressing
  if (!producer.sendColumns || frames === undefined || !isUniform(frames) || byKey === undefined) return undefined
  const values = context.encodeInPlace(batch)
  if (values === undefined) return undefined
  const send = producer.sendColumns.bind(producer)
  return { values, timestamp: frames.timestamp, checkedBy: frames.codec.name, addressing, byKey, send }
}

/** All records came at one time, without keys or headers. */
function isUniform({ attributes, times }: DecodedFrames): boolean {
  return attributes === undefined && times === undefined
}
