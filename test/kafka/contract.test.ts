import { inject } from 'vitest'
import { describeKafka } from '../../plugins/shared/kafka/contract.ts'
import { clientOf } from './client.ts'

for (const [version, { plain }] of Object.entries(inject('brokers'))) {
  describeKafka(`kafkajs with Apache Kafka ${version}`, {
    open: () => clientOf(plain),
    tooLarge: 1_100_000,
    patience: 60_000,
  })
}
