import type { Definition, Input } from '../config/definition.ts'
import { didYouMean, nearest } from '../config/nearest.ts'
import type { DefinitionErrorCode } from '../errors.ts'
import type { Plugin, Ports } from '../plugin.ts'
import { partitionKeys } from './keys.ts'

/**
 * Who reads whom: `from` as it is written, and where it is left out what the place in the file suggests (DESIGN.md
 * section 2, "Wiring"). Pure: knows names, not files.
 */

/** A component as far as its wiring goes. */
export interface Part {
  readonly kind: Plugin['kind']
  readonly name: string
  /** What `from` names; undefined when it is left out, an undefined entry when it cannot be told. */
  readonly from: readonly (string | undefined)[] | undefined
  /** Its outputs; undefined when they cannot be told, and any port is taken. */
  readonly ports: Ports | undefined
}

export interface Wiring {
  /** What each component reads, by its name. */
  readonly inputs: ReadonlyMap<string, readonly Input[]>
  readonly faults: readonly WiringFault[]
}

export interface WiringFault {
  readonly code: DefinitionErrorCode
  readonly component: string
  /** Which entry of its `from`; undefined: the component as a whole. */
  readonly entry?: number
  readonly message: string
  readonly hint?: string | undefined
}

/** `parts` in the order of the file: sources, channels, processors, sinks; their names differ. */
export function resolveWiring(parts: readonly Part[]): Wiring {
  const resolver = new Resolver(parts)
  const inputs = new Map(parts.map((part) => [part.name, resolver.inputsOf(part)]))
  const faults = [...resolver.faults, ...cycles(inputs), ...unread(parts, inputs, resolver.guessing)]
  return { inputs, faults }
}

class Resolver {
  readonly faults: WiringFault[] = []
  /** Something that is read is not known, so nothing can be said about what is not. */
  guessing: boolean
  readonly #parts: ReadonlyMap<string, Part>
  readonly #ofKind: (kind: Part['kind']) => readonly Part[]
  readonly #named: ReadonlySet<string>

  constructor(parts: readonly Part[]) {
    this.#parts = new Map(parts.map((part) => [part.name, part]))
    this.guessing = !parts.some(({ kind }) => kind === 'sink')
    this.#ofKind = (kind) => parts.filter((part) => part.kind === kind)
    this.#named = new Set(parts.flatMap(({ from }) => from ?? []).map((text) => splitPort(text ?? '').name))
  }

  inputsOf(part: Part): readonly Input[] {
    if (part.kind === 'source') return []
    return part.from === undefined ? this.#suggested(part) : this.#written(part, part.from)
  }

  #written(part: Part, from: readonly (string | undefined)[]): readonly Input[] {
    const inputs: Input[] = []
    if (from.length === 0) this.guessing = true
    for (const [entry, text] of from.entries()) {
      const input = text === undefined ? undefined : this.#input(part, text, entry)
      if (input === undefined) this.guessing = true
      else if (inputs.some((one) => sameInput(one, input))) {
        this.#fault(part, 'SR_BAD_VALUE', `"${text}" is named twice: its records would come twice`, undefined, entry)
      } else inputs.push(input)
    }
    return inputs
  }

  /** Where a misspelt name was clearly meant, the rest is judged as if it were spelt well. */
  #input(part: Part, text: string, entry: number): Input | undefined {
    const { name, port } = splitPort(text)
    const origin = this.#parts.get(name)
    if (origin !== undefined && origin.kind !== 'sink') return this.#port(part, origin, port, entry)
    const outputs = [...this.#parts.values()]
      .filter((one) => one.kind !== 'sink' && one !== part)
      .map((one) => one.name)
    const message =
      origin === undefined ? `there is no component "${name}"` : `"${name}" is a sink: nothing comes out of it`
    this.#fault(part, 'SR_UNKNOWN_INPUT', message, didYouMean(name, outputs), entry)
    const meant = nearest(name, outputs)
    return meant === undefined ? undefined : { component: meant, port }
  }

  #port(part: Part, origin: Part, port: string | undefined, entry: number): Input | undefined {
    const { ports } = origin
    const input = { component: origin.name, port }
    if (ports === undefined) return input
    if (port === undefined ? ports.main : ports.side.includes(port)) return input
    const message = port === undefined ? noMain(origin.name) : `"${origin.name}" has no port "${port}"`
    this.#fault(part, 'SR_UNKNOWN_PORT', message, portHint(origin.name, ports, port), entry)
    const meant = port === undefined ? undefined : nearest(port, ports.side)
    return meant === undefined ? undefined : { component: origin.name, port: meant }
  }

  #suggested(part: Part): readonly Input[] {
    const before = this.#processorBefore(part)
    if (before !== undefined) return this.#mainOf(before, part)
    const channels = part.kind === 'channel' ? [] : this.#unnamed('channel')
    const origins = channels.length > 0 ? channels : this.#unnamed('source')
    if (origins.length === 0) {
      const message = 'nothing is left for it to read: every source is named by the `from` of another component'
      this.#fault(part, 'SR_INPUT_NEEDED', message, 'write `from:`')
    }
    return origins.map(({ name }) => ({ component: name, port: undefined }))
  }

  /** A processor follows the one above it, a sink the last one. */
  #processorBefore(part: Part): Part | undefined {
    const processors = this.#ofKind('processor')
    if (part.kind === 'sink') return processors.at(-1)
    return part.kind === 'processor' ? processors[processors.indexOf(part) - 1] : undefined
  }

  #mainOf(origin: Part, part: Part): readonly Input[] {
    if (origin.ports?.main !== false) return [{ component: origin.name, port: undefined }]
    this.guessing = true
    this.#fault(part, 'SR_INPUT_NEEDED', noMain(origin.name), portHint(origin.name, origin.ports, undefined))
    return []
  }

  #unnamed(kind: Part['kind']): readonly Part[] {
    return this.#ofKind(kind).filter(({ name }) => !this.#named.has(name))
  }

  #fault(part: Part, code: DefinitionErrorCode, message: string, hint?: string, entry?: number): void {
    this.faults.push({ code, component: part.name, message, hint, ...(entry === undefined ? {} : { entry }) })
  }
}

function splitPort(text: string): { name: string; port: string | undefined } {
  const dot = text.indexOf('.')
  return dot === -1 ? { name: text, port: undefined } : { name: text.slice(0, dot), port: text.slice(dot + 1) }
}

function noMain(name: string): string {
  return `"${name}" has no main output: name one of its ports`
}

function portHint(name: string, { side }: Ports, port: string | undefined): string {
  const meant = port === undefined ? undefined : didYouMean(port, side)
  if (meant !== undefined) return meant
  return side.length === 0 ? `write "${name}"` : `its ports: ${side.map((one) => `${name}.${one}`).join(', ')}`
}

function sameInput(one: Input, other: Input): boolean {
  return one.component === other.component && one.port === other.port
}

/** Each circle once, told from the component in it that stands first in the file. */
function cycles(inputs: ReadonlyMap<string, readonly Input[]>): WiringFault[] {
  const done = new Set<string>()
  const trail: string[] = []
  const faults: WiringFault[] = []

  function visit(name: string): void {
    const start = trail.indexOf(name)
    if (start !== -1) faults.push(cycleFault(trail.slice(start), [...inputs.keys()]))
    if (start !== -1 || done.has(name)) return
    trail.push(name)
    for (const { component } of inputs.get(name) ?? []) visit(component)
    trail.pop()
    done.add(name)
  }

  for (const name of inputs.keys()) visit(name)
  return faults
}

/** `circle` lists readers before what they read. */
function cycleFault(circle: readonly string[], order: readonly string[]): WiringFault {
  const flow = circle.toReversed()
  const first = flow.indexOf(order.find((name) => flow.includes(name)) ?? '')
  const turned = [...flow.slice(first), ...flow.slice(0, first + 1)]
  const component = turned[0] as string
  return { code: 'SR_CYCLE', component, message: `these feed each other in a circle: ${turned.join(' -> ')}` }
}

/** Outputs that nobody reads: their records would be lost without a word. */
function unread(parts: readonly Part[], inputs: Wiring['inputs'], guessing: boolean): WiringFault[] {
  if (guessing) return []
  const read = [...inputs.values()].flat()
  return parts.filter(({ kind }) => kind !== 'sink').flatMap((part) => unreadPorts(part, read))
}

function unreadPorts({ name: component, ports }: Part, read: readonly Input[]): WiringFault[] {
  const taken = new Set(read.filter((input) => input.component === component).map(({ port }) => port))
  if (taken.size === 0) {
    return [{ code: 'SR_UNREACHABLE', component, message: 'nobody reads it', hint: `name it: \`from: ${component}\`` }]
  }
  if (ports === undefined) return []
  const all = [...(ports.main ? [undefined] : []), ...ports.side.filter((port) => !ports.deadLettered?.includes(port))]
  return all.filter((port) => !taken.has(port)).map((port) => unreadPort(component, port))
}

function unreadPort(component: string, port: string | undefined): WiringFault {
  const full = port === undefined ? component : `${component}.${port}`
  const message = port === undefined ? 'nobody reads its main output' : `nobody reads its port "${port}"`
  return { code: 'SR_UNREAD_PORT', component, message, hint: `read it with \`from: ${full}\`` }
}

/** The wiring as resolved, one line a component: `sink  late (file)  <- per-bucket.late`. */
export function describeWiring({ components }: Definition): string {
  const keys = partitionKeys({ components })
  const rows = components.map((component) => {
    const inputs = component.kind === 'source' ? [] : component.inputs
    const from = inputs.map(({ component: name, port }) => (port === undefined ? name : `${name}.${port}`))
    const key = keys.get(component.name)
    const keyed = key === undefined ? '' : `keyed by ${key.by}${key.from === component.name ? '' : ` (${key.from})`}`
    return [component.kind, `${component.name} (${component.type})`, from.length > 0 ? `<- ${from.join(', ')}` : keyed]
  })
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
