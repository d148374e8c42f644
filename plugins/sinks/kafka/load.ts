import { type Batch, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { RefusedRecords } from '../../shared/kafka/port.ts'

/** A batch on its way. */
export interface Load {
  readonly batch: Batch
  /** What has not arrived yet, by topic and partition. */
  readonly parcels: Map<string, Parcel>
  readonly refused: Map<StreamRecord, RecordError>
}

/** What goes to one partition. */
export interface Parcel {
  send(): Promise<void>
  /** The record that became the one at this place. */
  source(index: number): StreamRecord
}

/** Side by side; all of them have ended when it throws the first failure. */
export async function send({ parcels, refused }: Load): Promise<void> {
  const sending = [...parcels].map(async ([name, parcel]) => {
    try {
      await parcel.send()
    } catch (error) {
      if (!(error instanceof RefusedRecords)) throw error
      for (const [index, reason] of error.reasons) {
        refused.set(parcel.source(index), new RecordError('SR_REJECTED', reason))
      }
    }
    parcels.delete(name)
  })
  const failed = (await Promise.allSettled(sending)).find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
