import { expect } from 'vitest'
import type { ChannelPlugin, Json } from '../../engine/plugin.ts'
import { ChannelBench } from './channel-bench.ts'
import { channelPipelineClauses } from './channel-pipelines.ts'
import { type Clause, clause, describeClauses } from './clause.ts'
import { specimenRecords, throughJson, turns } from './specimens.ts'

/** What the contract of channels is tried on; a channel that is durable keeps its state on a disk in memory. */
export interface ChannelFixture {
  readonly plugin: ChannelPlugin
  /** As in YAML; left out: the defaults. There must be room for a few hundred small records. */
  readonly options?: { readonly [name: string]: Json }
  /** As in YAML; there must be no room for a hundred small records. */
  readonly small: { readonly [name: string]: Json }
}

/** One test for each promise that `DurableChannel` makes, and what a pipeline with any channel promises. */
export function describeChannel(name: string, fixture: ChannelFixture): void {
  describeClauses(`the channel ${name} keeps the contract`, channelClauses(fixture))
}

export function channelClauses(fixture: ChannelFixture): readonly Clause[] {
  const on: On = (title, check) => clause(title, () => ChannelBench.use(fixture, check))
  const durable = [...handsOn(on), ...ends(on), ...covers(on), ...comesBack(on), ...isBounded(on)]
  return [...(fixture.plugin.durable === undefined ? [] : durable), ...channelPipelineClauses(fixture)]
}

type On = (title: string, check: (bench: ChannelBench) => Promise<void>) => Clause

function handsOn(on: On): Clause[] {
  return [
    on('hands on every record in order, with bytes, key, time, headers and origin', async (bench) => {
      await bench.open()
      await bench.writeRecords(specimenRecords())
      for (const count of [2, 1, 0, 3]) await bench.write(count)
      await bench.commitWriter()
      bench.channel.end()
      await bench.readToEnd()
      bench.expectRead()
    }),
    on('hands on what comes while its reader waits', async (bench) => {
      await bench.open()
      const waiting = bench.read(2)
      await turns()
      await bench.write(2)
      await bench.commitWriter()
      await waiting
      bench.expectRead()
    }),
    on('gives plain JSON as the state of its writer and as positions', async (bench) => {
      await bench.open()
      await bench.write(3)
      const state = await bench.channel.writer.flush?.()
      expect(throughJson(state as Json)).toEqual(state)
      await bench.commitWriter()
      await bench.read(3)
      for (const position of bench.positions.values()) expect(throughJson(position)).toEqual(position)
    }),
  ]
}

function ends(on: On): Clause[] {
  return [
    on('ends its reader, which waits, when the writer has ended', async (bench) => {
      await bench.open()
      await bench.write(1)
      await bench.commitWriter()
      const ended = bench.readToEnd()
      await turns()
      bench.channel.end()
      await ended
      bench.expectRead()
    }),
    on('ends its reader, which waits, when it is told to stop', async (bench) => {
      await bench.open()
      const ended = bench.readToEnd()
      await turns()
      bench.context.stop()
      await ended
    }),
    on('ends its reader between two batches when it is told to stop', async (bench) => {
      await bench.open()
      for (let batch = 0; batch < 20; batch++) await bench.write(1)
      await bench.commitWriter()
      await bench.read(1)
      bench.context.stop()
      await bench.readToEnd()
      expect(bench.countRead).toBeLessThan(19)
    }),
    on('closes unused', async (bench) => {
      await bench.open()
      await bench.close()
    }),
  ]
}

function covers(on: On): Clause[] {
  return [
    on('covers what was read only when its writer has committed it (I-1)', async (bench) => {
      await bench.open()
      await bench.write(2)
      const cut = await bench.flush()
      const read = bench.read(2).then(() => bench.channel.reader.covered?.(bench.positions))
      let covered = false
      read.then(() => {
        covered = true
      })
      await turns()
      expect(covered).toBe(false)
      await bench.commitWriter(cut)
      await read
    }),
    on('waits for its writer no more when the pipeline is aborted', async (bench) => {
      await bench.open()
      await bench.write(2)
      await bench.commitWriter()
      await bench.read(2)
      bench.abort()
      await bench.channel.reader.covered?.(bench.positions)
    }),
  ]
}

const KILLS: readonly (number | undefined)[] = [undefined, 1, 2, 3, 4, 5]

function comesBack(on: On): Clause[] {
  return KILLS.flatMap((seed) => {
    const how = seed === undefined ? 'it is killed' : `the power is cut (seed ${seed})`
    return [
      on(`reads on behind every committed position when ${how}`, (bench) => readInLives(bench, seed)),
      on(`reads again what was read and not committed when ${how}`, (bench) => readAgain(bench, seed)),
      on(`takes back what its writer had not committed when ${how}`, (bench) => takeBack(bench, seed)),
      on(`is empty when ${how} before the first checkpoint`, (bench) => beginAgain(bench, seed)),
    ]
  })
}

async function readInLives(bench: ChannelBench, seed: number | undefined): Promise<void> {
  await bench.open()
  for (const count of [2, 1, 3, 2]) await bench.write(count)
  await bench.commitWriter()
  for (const more of [0, 2, 1, 3]) {
    await bench.read(more)
    await bench.commitReader()
    await bench.recover(seed)
  }
  await bench.read(2)
  bench.expectRead()
}

async function readAgain(bench: ChannelBench, seed: number | undefined): Promise<void> {
  await bench.open()
  for (const count of [2, 2, 2]) await bench.write(count)
  await bench.commitWriter()
  await bench.read(2)
  await bench.commitReader()
  await bench.read(4)
  await bench.recover(seed)
  await bench.read(4)
  bench.expectRead()
}

async function takeBack(bench: ChannelBench, seed: number | undefined): Promise<void> {
  await bench.open()
  await bench.write(3)
  await bench.commitWriter()
  await bench.write(2)
  await bench.flush()
  await bench.write(2)
  await bench.recover(seed)
  // Killed during recovery, it recovers to the same.
  await bench.recover(seed)
  await bench.write(4)
  await expectWholeAtEnd(bench)
}

async function beginAgain(bench: ChannelBench, seed: number | undefined): Promise<void> {
  await bench.open()
  await bench.write(3)
  await bench.recover(seed)
  await bench.write(1)
  await expectWholeAtEnd(bench)
}

async function expectWholeAtEnd(bench: ChannelBench): Promise<void> {
  await bench.commitWriter()
  bench.channel.end()
  await bench.readToEnd()
  bench.expectRead()
}

function isBounded(on: On): Clause[] {
  return [
    on('is full at its bound, asks for a checkpoint, and has room when its reader commits', async (bench) => {
      await bench.open('small')
      const { writer } = bench.channel
      for (let written = 0; writer.full?.() === undefined; written++) {
        expect(written).toBeLessThan(100)
        await bench.write(1)
      }
      const room = writer.full?.()
      expect(writer.full?.()).toBe(room)
      await bench.commitWriter()
      expect(bench.context.checkpointsRequested).toBeGreaterThan(0)
      await bench.readAll()
      expect(writer.full?.()).toBe(room)
      await bench.commitReader()
      await room
      expect(writer.full?.()).toBeUndefined()
      bench.expectRead()
    }),
    on('still knows after a restart how full it is', async (bench) => {
      await bench.open('small')
      while (bench.channel.writer.full?.() === undefined) await bench.write(1)
      await bench.commitWriter()
      await bench.recover(undefined)
      expect(bench.channel.writer.full?.()).toBeDefined()
    }),
    on('commits as often as it is told to', async (bench) => {
      await bench.open()
      await bench.write(2)
      const cut = await bench.commitWriter()
      await bench.commitWriter(cut)
      await bench.read(2)
      await bench.commitReader()
      await bench.commitReader()
      await bench.write(1)
      await bench.commitWriter()
      await bench.read(1)
      bench.expectRead()
    }),
  ]
}
