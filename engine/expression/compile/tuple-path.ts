import { number } from './code.ts'
import { emitGroup } from './construct.ts'
import { emitPart } from './part.ts'
import {
  ANY,
  asValue,
  inputOf,
  NESTED,
  type Node,
  node,
  nodes,
  type Place,
  positionOf,
  RAW,
  type Value,
} from './place.ts'
import { emitTerm } from './steps.ts'

/** True for paths whose values travel with what was bound on the way. */
export function isTuplePath(part: Node): boolean {
  return part.tuple === true || nodes(part.steps).some((step) => step.tuple === true)
}

/** The steps become functions; `runtime/tuples.ts` walks them. */
export function emitTuplePath(part: Node, place: Place): Value {
  const { code } = place.unit
  const { js } = place.input
  const steps = nodes(part.steps)
  const first = steps.findIndex((step) => step.tuple === true)
  const written = steps.map((step, index) => emitTupleStep(step, { index, first }, place))
  const fromVariable = steps[0]?.type === 'variable'
  const input = code.let(fromVariable ? `sequenceOf([${js}])` : `asList(${js})`)
  const flags = `keepTuples: ${part.tuple === true}, keepSingleton: ${part.keepSingletonArray === true}, keepArray: ${part.keepArray === true}`
  const group = part.group === undefined ? '' : `, group: ${emitTupleGroup(node(part.group), place)}`
  return asValue(code.let(`tuplePath(${input}, { steps: [${written.join(', ')}], ${flags}${group} }, G)`), ANY | NESTED)
}

interface At {
  readonly index: number
  /** Where the first step stands that binds: from there on, each step has a frame of its own for `:=`. */
  readonly first: number
}

function emitTupleStep(step: Node, { index, first }: At, place: Place): string {
  const { code } = place.unit
  const whole = index === 0 && step.consarray === true
  const ownFrame = first >= 0 && index >= first
  const fields = [`tuple: ${step.tuple === true}`, `whole: ${whole}`]
  if (step.type === 'sort')
    fields.push(`run: undefined, sort: ${emitTupleSort(step, place, ownFrame && index > first)}`)
  else fields.push(`run: ${emitPart(step, place, ownFrame && !whole)}`)
  const stages = nodes(step.stages).map((stage) => emitStage(stage, place, ownFrame))
  fields.push(`stages: [${stages.join(', ')}]`)
  if (step.focus !== undefined) fields.push(`focus: ${code.constant(step.focus)}`)
  if (step.index !== undefined) fields.push(`index: ${code.constant(step.index)}`)
  const ancestor = step.ancestor as { readonly label: string } | undefined
  if (ancestor !== undefined) fields.push(`ancestor: ${code.constant(ancestor.label)}`)
  return `{ ${fields.join(', ')} }`
}

function emitStage(stage: Node, place: Place, ownFrame: boolean): string {
  const { code } = place.unit
  if (stage.type === 'index') return `{ kind: 'index', name: ${code.constant(stage.value)} }`
  const predicate = node(stage.expr)
  if (predicate.type === 'number') return `{ kind: 'item', position: ${number(predicate.value as number)} }`
  return `{ kind: 'filter', predicate: ${emitPart(predicate, place, ownFrame)} }`
}

/** `ownFrame`: there are tuples to be sorted already. */
function emitTupleSort(step: Node, place: Place, ownFrame: boolean): string {
  const terms = nodes(step.terms).map((term) => emitTerm(term, place, ownFrame))
  return `(items) => orderBy(items, [${terms.join(', ')}], ${positionOf(step)}, G)`
}

function emitTupleGroup(group: Node, place: Place): string {
  const { code } = place.unit
  const [js, items] = [code.name(), code.name()]
  code.line(`const ${js} = (${items}) => {`)
  const value = emitGroup(group, asValue(items, ANY | RAW), { ...place, input: inputOf(code, items), compact: true })
  code.line(`return ${value.js}`)
  code.line('}')
  return js
}
