import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { expect, inject } from 'vitest'
import { KafkaBench, numbered } from '../../plugins/shared/kafka/contract-bench.ts'
import { clause, describeClauses } from '../contract/clause.ts'
import { clientOf } from './client.ts'

const sockets: Socket[] = []
subscribe('net.client.socket', (message) => sockets.push((message as { socket: Socket }).socket))

for (const [version, { plain }] of Object.entries(inject('brokers'))) {
  const fixture = { open: () => clientOf(plain, { requestTimeout: 1000, sessionTimeout: 6000 }), patience: 60_000 }
  describeClauses(`Apache Kafka ${version}`, [
    clause('a reader whose connections have gone silent makes new ones, and loses nothing (K-10, KA-17)', () =>
      KafkaBench.use(fixture, async (bench) => {
        await bench.create(1)
        await bench.send(0, ...numbered(0, 3))
        const before = sockets.length
        const reader = await bench.reader({ group: bench.group })
        expect((await reader.read(3)).map(({ value }) => value)).toEqual(['0', '1', '2'])
        await reader.consumer.commit([{ topic: bench.topic, partition: 0, offset: 3 }])
        const connected = sockets.length
        for (const socket of sockets.slice(before)) silence(socket)
        await bench.send(0, ...numbered(3, 6))
        expect((await reader.read(3)).map(({ value }) => value)).toEqual(['3', '4', '5'])
        expect(sockets.length).toBeGreaterThan(connected)
      }),
    ),
    clause(
      'a writer whose connections have gone silent makes new ones, and what it sends again is there once (KA-17)',
      () =>
        KafkaBench.use(fixture, async (bench) => {
          await bench.create(1)
          const before = sockets.length
          await bench.send(0, ...numbered(0, 3))
          for (const socket of sockets.slice(before)) silence(socket)
          const records = numbered(3, 6)
          // As a sink does: the same records again until they have arrived.
          await bench.repeat(() =>
            bench.sendAgain(0, records).then(
              () => true,
              () => false,
            ),
          )
          expect(await bench.valuesFrom(0)).toEqual(['0 0', '1 1', '2 2', '3 3', '4 4', '5 5'])
        }),
    ),
  ])
}

/** As where a firewall has forgotten the connection: what is written goes nowhere, nothing comes, nobody hangs up. */
function silence(socket: Socket): void {
  socket.write = () => true
  socket.removeAllListeners('data')
}
