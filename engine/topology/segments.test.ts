import { describe, expect, it } from 'vitest'
import { definitionOf } from './definition.fixture.ts'
import { planTopology, type SegmentPlan } from './segments.ts'

/** A plan as text: `a[buffer] + b -> p, q -> s`, inner queues as `(m from a)`. */
function draw(segment: SegmentPlan): string[] {
  return segment.pumps.map(({ entries, queues, processors, sinks }) => {
    const inputs = [
      ...entries.map(({ from, channel }) => (channel === undefined ? from.name : `${from.name}[${channel.name}]`)),
      ...queues.map(({ channel, writers }) => `(${channel.name} from ${writers.join(' ')})`),
    ]
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).join(', ')
    return [inputs.join(' + '), names(processors.map(({ component }) => component)), names(sinks)].join(' -> ')
  })
}

const plan = (...lines: string[]) => planTopology(definitionOf(lines)).segments.map(draw)

describe('planTopology', () => {
  it('puts a straight line into one pump, its memory channel as the entry queue', () => {
    expect(plan('source a', 'memory m < a', 'processor p < m', 'sink s < p')).toEqual([['a[m] -> p -> s']])
  })

  it('implies an entry queue for a source that a processor reads directly', () => {
    expect(plan('source a', 'processor p < a', 'sink s < p')).toEqual([['a -> p -> s']])
  })

  it('lets several sources share one memory channel', () => {
    expect(plan('source a', 'source b', 'memory m < a b', 'sink s < m')).toEqual([['a[m] + b[m] ->  -> s']])
  })

  it('splits a pipeline at a durable channel, upstream first', () => {
    expect(plan('sink s < p', 'processor p < f', 'file f < a', 'source a')).toEqual([['a ->  -> f'], ['f -> p -> s']])
  })

  it('makes a memory channel behind a processor a queue between two pumps of one segment', () => {
    const segments = plan('source a', 'processor p < a', 'memory m < p', 'sink slow < m', 'sink fast < p')
    expect(segments).toEqual([['a -> p -> fast', '(m from a) ->  -> slow']])
  })

  it('gives a source that two memory channels read a pump of its own in front of them', () => {
    const segments = plan('source a', 'memory m < a', 'memory n < a', 'sink s < m', 'sink t < n')
    expect(segments).toEqual([['a ->  -> ', '(m from a) ->  -> s', '(n from a) ->  -> t']])
  })

  it('gives a memory channel one queue for each pump that writes to it', () => {
    const segments = plan('source a', 'source b', 'processor p < a', 'processor q < b', 'memory m < p q', 'sink s < m')
    expect(segments).toEqual([['a -> p -> ', 'b -> q -> ', '(m from a b) ->  -> s']])
  })

  it('passes over a memory channel that leads back into its own pump', () => {
    expect(plan('source a', 'processor p < a', 'memory m < p', 'sink s < a m')).toEqual([['a -> p -> s']])
    expect(plan('source a', 'memory m < a', 'processor p < a m', 'sink s < p')).toEqual([['a -> p -> s']])
  })

  it('passes over memory channels that lead in a circle through other pumps', () => {
    const lines = ['source a', 'processor p < a', 'memory m < p', 'processor q < m', 'memory n < q', 'sink s < a n']
    expect(plan(...lines, 'memory o < p', 'sink t < o')).toEqual([['a -> p, q -> s', '(o from a) ->  -> t']])
  })

  it('keeps unconnected flows in segments of their own', () => {
    expect(plan('source a', 'sink s < a', 'source b', 'sink t < b')).toEqual([['a ->  -> s'], ['b ->  -> t']])
  })

  it('keeps one segment when two durable channels fan in', () => {
    const segments = plan('source a', 'file f < a', 'source b', 'file g < b', 'sink s < f g')
    expect(segments).toEqual([['a ->  -> f'], ['b ->  -> g'], ['f + g ->  -> s']])
  })

  it('routes each port to its readers', () => {
    const [segment] = planTopology(
      definitionOf(['source a', 'processor p < a', 'sink s < p', 'sink t < p.late']),
    ).segments
    const outputs = segment?.pumps[0]?.processors[0]?.outputs
    expect(outputs?.get(undefined)).toEqual([{ kind: 'sink', name: 's' }])
    expect(outputs?.get('late')).toEqual([{ kind: 'sink', name: 't' }])
  })
})
