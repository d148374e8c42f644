import { type Batch, RecordError, recordsBatch, type StreamRecord } from '../../../engine/plugin.ts'
import type { Destination } from './path.ts'

type Templated = Extract<Destination, { kind: 'templated' }>

/** The records by the path that they render to, order kept; those without a good one go to `refused`. */
export async function routeByPath(
  destination: Templated,
  batch: Batch,
  refused: Map<StreamRecord, RecordError>,
): Promise<{ path: string; batch: Batch }[]> {
  const groups = new Map<string, StreamRecord[]>()
  for (const record of batch.records) {
    try {
      const rendered = destination.render(record)
      const path = typeof rendered === 'string' ? rendered : await rendered
      const group = groups.get(path)
      if (group === undefined) groups.set(path, [record])
      else group.push(record)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      refused.set(record, error)
    }
  }
  // A batch that goes to one file as a whole is encoded as a whole.
  const whole = (records: readonly StreamRecord[]) => (records.length === batch.size ? batch : recordsBatch(records))
  return [...groups].map(([path, records]) => ({ path, batch: whole(records) }))
}
