import type { Kafka, OffsetRange, TopicPartition } from '../../shared/kafka/port.ts'

/** What is wrong with the option `start`; undefined when nothing is. */
export function startFault(start: string): string | undefined {
  if (start === 'earliest' || start === 'latest' || isTime(start)) return undefined
  return 'must be `earliest`, `latest` or a time with a zone, such as 2026-03-14T00:00:00Z'
}

/** The offset at which a partition begins that nobody has read yet. */
export async function startOf(
  kafka: Kafka,
  { topic, partition }: TopicPartition,
  { earliest, latest }: OffsetRange,
  start: string,
): Promise<number> {
  if (start === 'earliest') return earliest
  if (start === 'latest') return latest
  return (await kafka.offsetsAt(topic, Date.parse(start)))[partition] ?? latest
}

/** A time without a zone would mean another one on another machine. */
function isTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))
  )
}
