import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { inject } from 'vitest'
import { describeKafka } from '../../plugins/shared/kafka/contract.ts'
import { clientOf } from './client.ts'

const sockets: Socket[] = []
subscribe('net.client.socket', (message) => sockets.push((message as { socket: Socket }).socket))

for (const [version, { plain }] of Object.entries(inject('brokers'))) {
  describeKafka(`kafkajs with Apache Kafka ${version}`, {
    open: () => clientOf(plain),
    tooLarge: 1_100_000,
    fetched: () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    patience: 60_000,
  })
}
