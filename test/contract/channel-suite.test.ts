import { describe, expect, it } from 'vitest'
import { type ChannelPlugin, type DurableChannel, recordsBatch, type Sink, type Source } from '../../engine/plugin.ts'
import file from '../../plugins/channels/file/index.ts'
import { brokenPromises, channelClauses } from './index.ts'

type Flaw = (ends: DurableChannel) => { readonly writer?: Partial<Sink>; readonly reader?: Partial<Source> }

const FLAWS: readonly [string, Flaw, string][] = [
  ['covers what is not committed', () => ({ reader: { covered: async () => {} } }), 'covers what was read only when'],
  ['is never full', () => ({ writer: { full: () => undefined } }), 'is full at its bound'],
  [
    'loses the first record of a batch',
    ({ writer }) => ({ writer: { write: (batch) => writer.write(recordsBatch(batch.records.slice(1))) } }),
    'hands on every record in order',
  ],
  ['has a state that is no JSON', () => ({ writer: { flush: async () => Number.NaN } }), 'gives plain JSON'],
]

describe('the suite of channels', () => {
  it.each(FLAWS)('catches one that %s', async (_, flaw, title) => {
    const clauses = channelClauses({ plugin: flawed(flaw), small: { max_records: 10 } })
    const concerned = clauses.filter((one) => one.title.startsWith(title))
    expect(await brokenPromises(concerned)).not.toEqual([])
  })
})

/** A file channel, with other ends in places. */
function flawed(flaw: Flaw): ChannelPlugin {
  const { durable } = file
  if (durable === undefined) throw new Error('the file channel is durable')
  return {
    ...file,
    durable: {
      async open(options, context) {
        const sound = await durable.open(options, context)
        const { writer = {}, reader = {} } = flaw(sound)
        return { ...sound, writer: { ...sound.writer, ...writer }, reader: { ...sound.reader, ...reader } }
      },
    },
  }
}
