import { type Batch, RecordError, type SinkContext, type StreamRecord } from '../../../engine/plugin.ts'
import type { Producer, ProducerRecord } from '../../shared/kafka/port.ts'
import type { Address, Addressing } from './addressing.ts'
import type { Load, Parcel } from './load.ts'

/** Divides a batch by where its records go, one by one. */
export async function packRecords(
  batch: Batch,
  values: ReturnType<SinkContext['encodeEach']>,
  { addressing, producer }: { readonly addressing: Addressing; readonly producer: Producer },
): Promise<Load> {
  const fillings = new Map<string, Filling>()
  const refused = new Map<StreamRecord, RecordError>()
  for (const [index, record] of batch.records.entries()) {
    const value = values[index]
    if (value === undefined) continue
    try {
      const address = addressing.addressOf(record)
      const { topic, partition, key, headers } = address instanceof Promise ? await address : address
      const { records, sources } = fillingOf(fillings, topic, partition)
      records.push({ key, value, timestamp: record.timestamp, headers })
      sources.push(record)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      refused.set(record, error)
    }
  }
  return {
    batch,
    parcels: new Map([...fillings].map(([name, filling]) => [name, parcelOf(filling, producer)])),
    refused,
  }
}

interface Filling extends Pick<Address, 'topic' | 'partition'> {
  readonly records: ProducerRecord[]
  /** Of which they were made, place by place. */
  readonly sources: StreamRecord[]
}

function fillingOf(fillings: Map<string, Filling>, topic: string, partition: number): Filling {
  const name = `${topic}/${partition}`
  const filling = fillings.get(name) ?? { topic, partition, records: [], sources: [] }
  fillings.set(name, filling)
  return filling
}

function parcelOf({ topic, partition, records, sources }: Filling, producer: Producer): Parcel {
  return {
    send: () => producer.send(topic, partition, records),
    source: (index) => sources[index] as StreamRecord,
  }
}
