import {
  type Batch,
  type OptionValues,
  PartialWriteError,
  RecordError,
  type Sink,
  type SinkContext,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import {
  type Kafka,
  type Producer,
  type ProducerRecord,
  type ProducerState,
  RefusedRecords,
} from '../../shared/kafka/port.ts'
import { type Address, Addressing } from './addressing.ts'
import type { options } from './options.ts'
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
      const values = context.encodeEach(batch)
      // The same batch again: what has arrived of it is not sent again.
      if (load?.batch !== batch) load = await pack(batch, values, addressing)
      await send(load, producer)
      const { refused } = load
      load = undefined
      if (refused.size > 0) throw new PartialWriteError(refused)
    },
    ...producer.checkpoints,
    close: () => producer.close(),
  }
}

/** A batch on its way. */
interface Load {
  readonly batch: Batch
  /** What has not arrived yet, by topic and partition. */
  readonly parcels: Map<string, Parcel>
  readonly refused: Map<StreamRecord, RecordError>
}

interface Parcel extends Pick<Address, 'topic' | 'partition'> {
  readonly records: ProducerRecord[]
  /** Of which they were made, place by place. */
  readonly sources: StreamRecord[]
}

async function pack(
  batch: Batch,
  values: ReturnType<SinkContext['encodeEach']>,
  addressing: Addressing,
): Promise<Load> {
  const load: Load = { batch, parcels: new Map(), refused: new Map() }
  addressing.beginBatch()
  for (const [index, record] of batch.records.entries()) {
    const value = values[index]
    if (value === undefined) continue
    try {
      const address = addressing.addressOf(record)
      add(load, address instanceof Promise ? await address : address, record, value)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      load.refused.set(record, error)
    }
  }
  return load
}

function add({ parcels }: Load, address: Address, record: StreamRecord, value: Uint8Array | null): void {
  const { topic, partition, key, headers } = address
  const name = `${topic}/${partition}`
  const parcel = parcels.get(name) ?? { topic, partition, records: [], sources: [] }
  parcels.set(name, parcel)
  parcel.records.push({ key, value, timestamp: record.timestamp, headers })
  parcel.sources.push(record)
}

/** Side by side; all of them have ended when it throws the first failure. */
async function send({ parcels, refused }: Load, producer: Producer): Promise<void> {
  const sending = [...parcels].map(async ([name, { topic, partition, records, sources }]) => {
    try {
      await producer.send(topic, partition, records)
    } catch (error) {
      if (!(error instanceof RefusedRecords)) throw error
      for (const [index, reason] of error.reasons) {
        refused.set(sources[index] as StreamRecord, new RecordError('SR_REJECTED', reason))
      }
    }
    parcels.delete(name)
  })
  const failed = (await Promise.allSettled(sending)).find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
