import type { Component, Definition, Input } from '../config/definition.ts'

/**
 * A definition from one line per component, for tests: `source a`, `memory m < a b`, `file f < p`,
 * `processor p < m`, `sink s < p p.late`. Only what the topology looks at is filled in.
 */
export function definitionOf(lines: readonly string[], more: Partial<Definition> = {}): Definition {
  const definition = { file: 'test.yaml', name: 'test', delivery: undefined, components: lines.map(componentOf) }
  return { ...definition, ...more } as Definition
}

function componentOf(line: string): Component {
  const [head = '', tail = ''] = line.split(' < ')
  const [word = '', name = ''] = head.split(' ')
  const inputs = tail.split(' ').filter(Boolean).map(inputOf)
  const common = { name, type: word, options: {}, check: {}, inputs, place: { line: 1, column: 1 } }
  return { ...common, ...KINDS[word] } as unknown as Component
}

function inputOf(text: string): Input {
  const [component = '', port] = text.split('.')
  return { component, port }
}

const KINDS: Readonly<Record<string, object>> = {
  source: { kind: 'source', plugin: { delivery: 'replayable' } },
  lossy: { kind: 'source', plugin: { delivery: 'lossy' } },
  memory: { kind: 'channel', plugin: {} },
  file: { kind: 'channel', plugin: { durable: {} } },
  processor: { kind: 'processor', plugin: {} },
  sink: { kind: 'sink', plugin: { delivery: 'exactly-once' }, delivery: undefined },
  screen: { kind: 'sink', plugin: { delivery: 'at-least-once' }, delivery: undefined },
}
