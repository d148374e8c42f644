import { expect, test } from 'vitest'
import type { Ports } from '../plugin.ts'
import { type Part, resolveWiring } from './wiring.ts'

const MAIN: Ports = { main: true, side: [] }

/** `source a`, `sink out < a b.late`: one part a line; ports of processors are given by name. */
function parts(text: string, ports: Readonly<Record<string, Ports>> = {}): Part[] {
  return text.split('\n').map((line) => {
    const [head = '', from] = line.trim().split(/ ?<(?: |$)/)
    const [kind, name] = head.split(' ') as [Part['kind'], string]
    return { kind, name, ports: ports[name] ?? MAIN, from: from?.split(' ').filter((one) => one !== '') }
  })
}

/** `name < its inputs`, one line a component that has some. */
function wired(text: string, ports?: Readonly<Record<string, Ports>>): string[] {
  const { inputs, faults } = resolveWiring(parts(text, ports))
  expect(faults).toEqual([])
  return [...inputs]
    .filter(([, list]) => list.length > 0)
    .map(
      ([name, list]) => `${name} < ${list.map((one) => [one.component, one.port].filter(Boolean).join('.')).join(' ')}`,
    )
}

function faults(text: string, ports?: Readonly<Record<string, Ports>>): string[] {
  return resolveWiring(parts(text, ports)).faults.map(({ code, component }) => `${code} ${component}`)
}

test('a sink alone reads every source', () => {
  expect(wired('source a\nsource b\nsink out')).toEqual(['out < a b'])
})

test('a channel takes the sources that no `from` names', () => {
  expect(wired('source a\nsource b\nchannel c\nsink out\nsink copy < b')).toEqual(['c < a', 'out < c', 'copy < b'])
})

test('the first processor takes the channels that no `from` names, and each later one the one above it', () => {
  expect(
    wired('source a\nsource b\nchannel c\nchannel d < a\nprocessor p\nprocessor q\nsink out\nsink raw < d'),
  ).toEqual(['c < b', 'd < a', 'p < c', 'q < p', 'out < q', 'raw < d'])
})

test('without such a channel the first processor takes the sources', () => {
  expect(wired('source a\nsource b\nprocessor p\nsink out')).toEqual(['p < a b', 'out < p'])
})

test('a port is named behind a dot, and several inputs as a list', () => {
  const split: Ports = { main: true, side: ['late'] }
  expect(wired('source a\nprocessor split < a\nsink out\nsink late < split.late a', { split })).toEqual([
    'split < a',
    'out < split',
    'late < split.late a',
  ])
})

test('a processor without a main port must be named by who follows it', () => {
  const split: Ports = { main: false, side: ['eu'] }
  expect(faults('source a\nprocessor split\nsink out', { split })).toEqual(['SR_INPUT_NEEDED out'])
  expect(faults('source a\nprocessor split\nprocessor next\nsink out', { split })).toEqual(['SR_INPUT_NEEDED next'])
})

test('a channel behind a processor needs `from`', () => {
  expect(faults('source a\nchannel c\nprocessor p < a\nsink out')).toEqual(['SR_INPUT_NEEDED c', 'SR_UNREACHABLE c'])
  expect(wired('source a\nchannel c < p\nprocessor p < a\nsink out < c')).toEqual(['c < p', 'p < a', 'out < c'])
})

test('ports that are dead-lettered may stay unread, others not', () => {
  const split: Ports = { main: true, side: ['late', 'alerts'], deadLettered: ['late'] }
  expect(faults('source a\nprocessor split\nsink out', { split })).toEqual(['SR_UNREAD_PORT split'])
  expect(faults('source a\nprocessor split\nsink out\nsink alerts < split.alerts', { split })).toEqual([])
})

test('a component that nobody reads is a fault', () => {
  expect(faults('source a\nsource b\nsink out < a')).toEqual(['SR_UNREACHABLE b'])
})

test('a slip of the pen is one fault, not two', () => {
  expect(faults('source orders\nsource other\nsink out < ordres other')).toEqual(['SR_UNKNOWN_INPUT out'])
  expect(faults('source orders\nsink out < something-else')).toEqual(['SR_UNKNOWN_INPUT out'])
})

test('ports that cannot be told are taken as they are named', () => {
  const unknown = parts('source a\nprocessor p\nsink out < p.anything').map((part) =>
    part.name === 'p' ? { ...part, ports: undefined } : part,
  )
  expect(resolveWiring(unknown).faults).toEqual([])
})

test('each circle is told once, in the direction of the records', () => {
  const { faults } = resolveWiring(parts('source s\nprocessor a < s c\nprocessor b < a\nprocessor c < b\nsink out'))
  expect(faults).toMatchObject([
    { code: 'SR_CYCLE', component: 'a', message: expect.stringContaining('a -> b -> c -> a') },
  ])
})
