import { expect, it } from 'vitest'
import type { Target } from '../topology/graph.ts'
import { orderStages } from './stage-order.ts'

const to = (...names: string[]): Target[] =>
  names.map((name) => ({ kind: name.startsWith('q') ? 'queue' : 'processor', name }))
const stage = (targets: Target[], delay = 0) => ({
  processor: { process: () => {}, delay },
  outputs: new Map([[undefined, targets]]),
})

it('processors stand behind what they read, lag by the longest way, and gather what comes by more than one', () => {
  const processors = new Map([
    ['join', stage(to('q'), 5)],
    ['slow', stage(to('join'), 10)],
    ['slower', stage(to('slow'), 100)],
    ['quick', stage(to('join'))],
  ])
  const { stages, lags } = orderStages(processors, [to('slower', 'quick'), to('quick')])
  const names = stages.map(({ name }) => name)
  expect(names.indexOf('slower')).toBeLessThan(names.indexOf('slow'))
  expect(names.at(-1)).toBe('join')
  expect(new Map(stages.map(({ name, lag, gathers }) => [name, { lag, gathers }]))).toEqual(
    new Map([
      ['slower', { lag: 0, gathers: false }],
      ['quick', { lag: 0, gathers: false }],
      ['slow', { lag: 100, gathers: false }],
      ['join', { lag: 110, gathers: true }],
    ]),
  )
  expect(lags.get('q')).toBe(115)
})

it('a processor that reads the input and what another makes of it gathers both', () => {
  const processors = new Map([
    ['first', stage(to('both'))],
    ['both', stage([])],
  ])
  const { stages } = orderStages(processors, [to('first', 'both')])
  expect(stages.map(({ name, gathers }) => [name, gathers])).toEqual([
    ['first', false],
    ['both', true],
  ])
})
