import picomatch from 'picomatch'
import type { Component, Definition, Guarantee, SinkComponent } from '../config/definition.ts'

/** What one path from a source to a sink gives (I-7), and why it is not more. */
export interface PathGuarantee {
  /** The components on the path, source first. */
  readonly path: readonly string[]
  readonly gives: Guarantee | 'at-most-once'
  /** Why it gives less than exactly-once, and what else the reader must know; empty when there is nothing to say. */
  readonly because: readonly string[]
}

/** Computed from the parts: the weakest part of a path decides. */
export function guarantees(definition: Definition): PathGuarantee[] {
  const sinks = definition.components.filter((component) => component.kind === 'sink')
  return sinks.flatMap((sink) => pathsTo(sink, definition).map((path) => judge(path, definition)))
}

/** Sinks with a path that gives less than the definition asks for, unless the sink itself says that less is fine. */
export function unmetDemands(definition: Definition): { readonly sink: SinkComponent; readonly path: PathGuarantee }[] {
  return guarantees(definition).flatMap((path) => {
    const sink = definition.components.find(({ name }) => name === path.path.at(-1))
    if (sink?.kind !== 'sink') return []
    const asked = sink.delivery ?? definition.delivery
    return asked !== undefined && STRENGTH[path.gives] < STRENGTH[asked] ? [{ sink, path }] : []
  })
}

/** One line for `validate` and for the start: `shop-log > buffer > orders: exactly-once`. */
export function describeGuarantee({ path, gives, because }: PathGuarantee): string {
  const reasons = because.length === 0 ? '' : ` (${because.join('; ')})`
  return `${path.join(' > ')}: ${gives}${reasons}`
}

const STRENGTH: Record<PathGuarantee['gives'], number> = { 'at-most-once': 0, 'at-least-once': 1, 'exactly-once': 2 }

type Path = readonly Component[]

function pathsTo(component: Component, definition: Definition): Path[] {
  if (component.kind === 'source') return [[component]]
  const names = new Set(component.inputs.map((input) => input.component))
  const inputs = definition.components.filter(({ name }) => names.has(name))
  return inputs.flatMap((input) => pathsTo(input, definition).map((path) => [...path, component]))
}

function judge(path: Path, definition: Definition): PathGuarantee {
  const remarks = path.flatMap((component) => remarksOn(component, definition))
  const weakest = remarks.map(({ gives }) => gives).filter((gives) => gives !== undefined)
  const gives = weakest.toSorted((a, b) => STRENGTH[a] - STRENGTH[b])[0] ?? 'exactly-once'
  return { path: path.map(({ name }) => name), gives, because: remarks.map(({ text }) => text) }
}

interface Remark {
  /** Undefined: worth saying, but no weaker promise. */
  readonly gives?: PathGuarantee['gives']
  readonly text: string
}

function remarksOn(component: Component, definition: Definition): Remark[] {
  if (component.kind === 'sink') return sinkRemarks(component)
  if (component.kind === 'channel') return channelRemarks(component)
  if (component.kind !== 'source') return []
  const lossy: Remark[] =
    component.plugin.delivery === 'lossy'
      ? [{ gives: 'at-most-once', text: `${component.name} cannot read anything again` }]
      : []
  return [...lossy, ...ownOutputRemarks(component, definition)]
}

function sinkRemarks(sink: SinkComponent): Remark[] {
  if ((sink.check.delivery ?? sink.plugin.delivery) === 'exactly-once') return []
  return [{ gives: 'at-least-once', text: `${sink.name} cannot be cut back after a crash` }]
}

function channelRemarks({ name, options }: Component): Remark[] {
  const remarks: Remark[] = []
  if (options.when_full === 'drop-newest') remarks.push({ text: `${name} lets records go when it is full, counted` })
  if (options.sync === 'interval') {
    remarks.push({ text: `${name} may lose the last ${options.sync_interval} ms in a power cut` })
  }
  return remarks
}

/** A tailed file that a sink appends to may be cut back after it was read: such a hop cannot promise more. */
function ownOutputRemarks(source: Component, definition: Definition): Remark[] {
  const isRead = picomatch([...(source.check.reads ?? [])])
  const writers = definition.components.filter(({ check }) => check.writes?.some((path) => isRead(samplePath(path))))
  return writers.map(({ name }) => ({ gives: 'at-least-once', text: `${source.name} reads what ${name} writes` }))
}

/** One of the paths that a template may give. */
function samplePath(template: string): string {
  return template.replace(/\{[^}]*\}|%[A-Za-z]/g, 'x')
}
