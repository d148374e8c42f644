import { describe, expect, it } from 'vitest'
import { until } from '../../test/streamrun.ts'
import type { ConnectionComponent } from '../config/definition.ts'
import { GaveUpError, retryable, StreamrunError } from '../errors.ts'
import { HealthBoard } from '../observe/health.ts'
import { Metrics } from '../observe/metrics.ts'
import { type ConnectionContext, type ConnectionPlugin, defineConnection } from '../plugin.ts'
import { seededRandom } from '../random.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { memoryStorage } from '../trial/memory-storage.ts'
import { Connections } from './connections.ts'
import type { Environment } from './context.ts'
import { SharedThings } from './shared-things.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

function environment(): Environment {
  return {
    clock: manualClock(),
    storage: memoryStorage(),
    random: seededRandom(1),
    stdout: { write: async () => {}, colours: false },
    logger: () => silent,
    variables: {},
    shared: new SharedThings(),
  }
}

/** The connection `shop` of one pipeline of the process. */
function connectionsOf(
  plugin: ConnectionPlugin,
  world: Environment,
  stopping = new AbortController().signal,
): Connections {
  const place = { line: 1, column: 1 }
  const shop: ConnectionComponent = {
    kind: 'connection',
    name: 'shop',
    type: 'shop',
    plugin,
    options: {},
    check: {},
    place,
    retry: { attempts: 3, delay: 1000, maxDelay: 1500 },
  }
  return new Connections([shop], {
    environment: world,
    pipeline: 'test',
    stateDir: '/state',
    definitionFolder: '/',
    metrics: new Metrics(),
    health: new HealthBoard(() => silent),
    stopping,
    signal: new AbortController().signal,
    expressionOptions: () => ({}),
    requestCheckpoint() {},
  })
}

function shop(open: (context: ConnectionContext) => Promise<unknown>, events: string[]): ConnectionPlugin {
  return defineConnection({
    type: 'shop',
    summary: 'Talks to a shop.',
    options: {},
    open: async (_, context) => ({
      client: await open(context),
      close: async () => void events.push('closed'),
    }),
  })
}

describe('a connection', () => {
  it('is opened once, for the first component that asks, and closed once', async () => {
    const events: string[] = []
    const plugin = shop(async () => events.push('opened'), events)
    const connections = connectionsOf(plugin, environment())
    await connections.close()
    expect(events).toEqual([])
    expect(await Promise.all([connections.client('shop'), connections.client('shop')])).toEqual([1, 1])
    await connections.close()
    await connections.close()
    expect(events).toEqual(['opened', 'closed'])
  })

  it('that cannot be opened is a fault of that name, and leaves nothing to close', async () => {
    const plugin = shop(() => Promise.reject(new Error('nobody there')), [])
    const connections = connectionsOf(plugin, environment())
    await expect(connections.client('shop')).rejects.toThrow('shop: nobody there')
    await connections.close()
  })

  it('that may come later is opened again, each time after a longer pause', async () => {
    const clock = manualClock()
    let opened = 0
    const plugin = shop(async () => (++opened < 3 ? Promise.reject(retryable('nobody there')) : 'a client'), [])
    const opening = connectionsOf(plugin, { ...environment(), clock }).client('shop')
    for (const pause of [1000, 1500]) {
      await until(() => clock.waiting === 1)
      clock.advance(pause)
    }
    expect(await opening).toBe('a client')
  })

  it('that did not come is what the pipeline ends with, not that it was tried', async () => {
    const clock = manualClock()
    const cause = new StreamrunError('SR_KAFKA_UNAVAILABLE', 'nobody there')
    const plugin = shop(() => Promise.reject(retryable('nobody there', cause)), [])
    const opening = connectionsOf(plugin, { ...environment(), clock }).client('shop')
    const ended = expect(opening).rejects.toBe(cause)
    for (const pause of [1000, 1500]) {
      await until(() => clock.waiting === 1)
      clock.advance(pause)
    }
    await ended
  })

  it('is not waited for once the pipeline is told to stop', async () => {
    const clock = manualClock()
    const stopping = new AbortController()
    const plugin = shop(() => Promise.reject(retryable('nobody there')), [])
    const opening = connectionsOf(plugin, { ...environment(), clock }, stopping.signal).client('shop')
    const ended = expect(opening).rejects.toBeInstanceOf(GaveUpError)
    await until(() => clock.waiting === 1)
    stopping.abort()
    await ended
  })

  it('shares with other pipelines what stays open until the last of them has closed', async () => {
    const events: string[] = []
    const world = environment()
    const folder = {
      value: 'the folder',
      close: async () => void events.push('folder closed'),
    }
    const plugin = shop((context) => context.shared('folder', async () => folder), events)
    const [first, second] = [connectionsOf(plugin, world), connectionsOf(plugin, world)]
    expect(await first.client('shop')).toBe('the folder')
    expect(await second.client('shop')).toBe('the folder')
    await first.close()
    expect(events).toEqual(['closed'])
    await second.close()
    expect(events).toEqual(['closed', 'closed', 'folder closed'])
  })
})

describe('what pipelines share', () => {
  it('is opened again after the last has let go, and after it could not be opened', async () => {
    const shared = new SharedThings()
    let opened = 0
    const open = async () => ({ value: ++opened, close: async () => {} })
    await expect(shared.acquire('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await shared.acquire('a', open)).toBe(1)
    expect(await shared.acquire('a', open)).toBe(1)
    await shared.release('a')
    expect(await shared.acquire('a', open)).toBe(1)
    await shared.release('a')
    await shared.release('a')
    expect(await shared.acquire('a', open)).toBe(2)
  })
})
