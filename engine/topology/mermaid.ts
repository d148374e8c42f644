import type { Component, Definition } from '../config/definition.ts'
import { isDurable } from './graph.ts'
import { planTopology, type SegmentPlan } from './segments.ts'

/**
 * Pipelines as one Mermaid flowchart (https://mermaid.js.org): a shape for each kind, a box for each segment, durable
 * channels between the boxes that they join. Of the components it shows names and types, never options.
 */
export function describeMermaid(definitions: readonly Definition[]): string {
  const several = definitions.length > 1
  const charts = definitions.flatMap((definition, index) => {
    const lines = flowchart(definition, several ? `p${index + 1}_` : '')
    return several ? box(`p${index + 1}`, definition.name, lines) : lines
  })
  return ['flowchart LR', ...indent(charts), ''].join('\n')
}

function flowchart(definition: Definition, prefix: string): string[] {
  const { components } = definition
  const byName = new Map(components.map((component) => [component.name, component]))
  const idOf = (name: string) => nodeId(byName.get(name), prefix)
  const segments = membersOf(planTopology(definition).segments, components)
  const node = (component: Component) => `${idOf(component.name)}${SHAPES[component.kind](labelOf(component))}`
  return [
    ...segments.flatMap((members, index) =>
      box(`${prefix}segment_${index + 1}`, `segment ${index + 1}`, members.map(node)),
    ),
    ...components.filter(isDurable).map(node),
    ...components.flatMap((component) => edgesInto(component, idOf)),
  ]
}

/** What each segment holds: all but durable channels, which end one and begin the next. */
function membersOf(segments: readonly SegmentPlan[], components: readonly Component[]): readonly Component[][] {
  const placed = new Map(segments.flatMap((segment, index) => namesIn(segment).map((name) => [name, index])))
  const inside = components.filter((component) => !isDurable(component))
  // A memory channel that is passed over is in no plan: it lies where its input does.
  for (const component of inside) {
    if (component.kind !== 'channel' || placed.has(component.name)) continue
    placed.set(component.name, placed.get(component.inputs[0]?.component ?? '') ?? 0)
  }
  return segments.map((_, index) => inside.filter(({ name }) => placed.get(name) === index))
}

function namesIn({ pumps }: SegmentPlan): string[] {
  return pumps.flatMap(({ entries, queues, processors, sinks }) => [
    ...entries.flatMap(({ from, channel }) => (channel === undefined ? [from.name] : [from.name, channel.name])),
    ...queues.map(({ channel }) => channel.name),
    ...processors.map(({ component }) => component.name),
    ...sinks.map(({ name }) => name),
  ])
}

const SHAPES: Readonly<Record<Component['kind'], (label: string) => string>> = {
  source: (label) => `([${label}])`,
  channel: (label) => `[(${label})]`,
  processor: (label) => `[${label}]`,
  sink: (label) => `[[${label}]]`,
}

/** The kind in front keeps names such as `end` from being words of Mermaid; names have no underscores of their own. */
function nodeId(component: Component | undefined, prefix: string): string {
  return `${prefix}${component?.kind}_${component?.name.replaceAll('-', '_')}`
}

function labelOf({ name, type }: Component): string {
  return `"${escaped(name)}<br>${escaped(type)}"`
}

function edgesInto(component: Component, idOf: (name: string) => string): string[] {
  if (component.kind === 'source') return []
  return component.inputs.map(({ component: from, port }) => {
    const arrow = port === undefined ? '-->' : `-->|"${escaped(port)}"|`
    return `${idOf(from)} ${arrow} ${idOf(component.name)}`
  })
}

function box(id: string, title: string, lines: readonly string[]): string[] {
  return [`subgraph ${id}["${escaped(title)}"]`, ...indent(lines), 'end']
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

/** Types and ports are words of whoever wrote a plugin. */
function escaped(text: string): string {
  return text.replace(/[#"<>&]/g, (character) => `#${character.charCodeAt(0)};`)
}
