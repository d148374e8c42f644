import { type Batch, RecordError, type Slices, type StreamRecord } from '../../../engine/plugin.ts'
import type { Producer, ProducerColumns } from '../../shared/kafka/port.ts'
import type { Addressing, ByKey, Key } from './addressing.ts'
import type { Load, Parcel } from './load.ts'

/** What columns are made of and sent with. */
export interface ColumnParts {
  /** Of all records of the batch, which have nothing else of their own but this time. */
  readonly values: Slices
  readonly timestamp: number
  readonly checkedBy: string | undefined
  readonly addressing: Addressing
  readonly byKey: ByKey
  readonly send: NonNullable<Producer['sendColumns']>
}

/** Divides a batch that is still bytes. Records are made only where an expression looks at them, for their keys. */
export async function packColumns(batch: Batch, parts: ColumnParts): Promise<Load> {
  const { values, timestamp, checkedBy, addressing, byKey } = parts
  if (addressing.makesKeys) return packByKey(batch, parts)
  const partition = byKey.partitionOf(null)
  const columns = { ...values, keys: undefined, timestamp, checkedBy }
  const parcel = parcelOf(partition, columns, parts, (index) => batch.records[index] as StreamRecord)
  return { batch, parcels: new Map([[nameOf(partition, parts), parcel]]), refused: new Map() }
}

async function packByKey(batch: Batch, parts: ColumnParts): Promise<Load> {
  const { addressing, byKey } = parts
  const { records } = batch
  const refused = new Map<StreamRecord, RecordError>()
  const shares = new Map<number, Share>()
  for (const [index, record] of records.entries()) {
    try {
      const found = addressing.keyOf(record)
      const key = found instanceof Promise ? await found : found
      const { places, keys } = shareOf(shares, byKey.partitionOf(key))
      places.push(index)
      keys.push(key)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      refused.set(record, error)
    }
  }
  const parcels = new Map<string, Parcel>()
  for (const [partition, share] of shares) {
    const source = (index: number) => records[share.places[index] as number] as StreamRecord
    parcels.set(nameOf(partition, parts), parcelOf(partition, columnsOf(share, parts), parts, source))
  }
  return { batch, parcels, refused }
}

/** The records of one partition, by their places in the batch. */
interface Share {
  readonly places: number[]
  readonly keys: Key[]
}

function shareOf(shares: Map<number, Share>, partition: number): Share {
  const share = shares.get(partition) ?? { places: [], keys: [] }
  if (share.places.length === 0) shares.set(partition, share)
  return share
}

function columnsOf({ places, keys }: Share, { values, timestamp, checkedBy }: ColumnParts): ProducerColumns {
  const count = places.length
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    starts[index] = values.starts[places[index] as number] as number
    ends[index] = values.ends[places[index] as number] as number
  }
  return { count, data: values.data, starts, ends, keys, timestamp, checkedBy }
}

function nameOf(partition: number, { byKey }: ColumnParts): string {
  return `${byKey.topic}/${partition}`
}

function parcelOf(
  partition: number,
  columns: ProducerColumns,
  { byKey, send }: ColumnParts,
  source: Parcel['source'],
): Parcel {
  return { send: () => send(byKey.topic, partition, columns), source }
}
