import { systemClock } from '../../engine/clock.ts'
import { systemRandom } from '../../engine/random.ts'
import type { KafkaJsSettings } from '../../plugins/shared/kafka/kafkajs/index.ts'
import { openKafkaJs, Writers } from '../../plugins/shared/kafka/kafkajs/index.ts'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { testContext } from '../contract/context.ts'

/** A client as the connection opens it, with quick timeouts. */
export function clientOf(address: string, chosen: Partial<KafkaJsSettings> = {}): Promise<Kafka> {
  return openKafkaJs({
    brokers: [address],
    clientId: 'streamrun-test',
    ssl: undefined,
    sasl: undefined,
    connectTimeout: 5000,
    requestTimeout: 10_000,
    sessionTimeout: 10_000,
    clock: systemClock(),
    random: systemRandom(),
    log: testContext().log,
    writers: new Writers(),
    ...chosen,
  })
}

/** Whether a group has committed all that the partitions hold. */
export function isRead(
  committed: readonly (number | undefined)[],
  ranges: readonly { readonly latest: number }[],
): boolean {
  return ranges.every(({ latest }, partition) => (committed[partition] ?? 0) >= latest)
}
