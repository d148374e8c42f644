import { emitGroup } from './construct.ts'
import { finishing } from './emit.ts'
import { emitTick } from './filter.ts'
import { emitNames, isNames } from './names.ts'
import { ANY, asValue, NESTED, type Node, node, nodes, type Place, type Value } from './place.ts'
import type { Sink } from './sink.ts'
import { emitStaged, emitStep, isListed, type Stand } from './steps.ts'
import { emitTuplePath, isTuplePath } from './tuple-path.ts'

/** With a sink, what the path comes to may have gone into it: then the value is nothing. */
export function emitPath(part: Node, place: Place, unmarked: boolean, sink?: Sink): Value {
  if (isTuplePath(part)) return emitTuplePath(part, place)
  const steps = nodes(part.steps)
  if (isNames(part, steps) && !place.compact) return emitNames(steps, part, place, { unmarked, sink })
  let stand = beginning(steps[0] as Node, place)
  let first = stand
  const wholes: string[] = []
  const last = steps.at(-1) as Node
  const rest = sink !== undefined && last.type !== 'sort' ? steps.slice(0, -1) : steps
  rest.forEach((step, index) => {
    stand = emitStep(step, stand, {
      place,
      isFirst: index === 0,
      isLast: index === steps.length - 1,
      grouped: part.group !== undefined,
    })
    if (index === 0) first = stand
    if (stand.whole !== undefined) wholes.push(stand.whole)
  })
  if (sink !== undefined && rest.length < steps.length) return emitSunk(part, stand, last, { place, sink, unmarked })
  if (first.whole !== undefined && part.keepSingletonArray === true) refuseNothing(first.whole, place)
  if (part.group !== undefined) return groupPath(part, stand, wholes, place)
  const value = finishPath(part, stand, place, unmarked)
  return wholes.reduceRight((rest, whole) => orEmpty(part, whole, rest, place), value)
}

interface Sunk {
  readonly place: Place
  readonly sink: Sink
  readonly unmarked: boolean
}

/** The last step: its items go into the sink, until one does not fit; then the step is done as any other. */
function emitSunk(part: Node, stand: Stand, last: Node, { place, sink, unmarked }: Sunk): Value {
  const { code } = place.unit
  const [result, index, item] = [code.let('undefined'), code.name(), code.name()]
  code.line(`${sink.fused} = ${stand.many}`)
  if (stand.many !== 'false' && !isListed(last)) {
    code.line(`if (${sink.fused}) {`)
    emitTick(`${stand.js}.length`, place)
    code.line(`for (let ${index} = 0; ${index} < ${stand.js}.length; ${index}++) {`)
    code.line(`const ${item} = ${stand.js}[${index}]`)
    sink.take(emitStaged(last, item, place))
    code.line('} }')
  } else code.line(`${sink.fused} = false`)
  code.line(`if (!${sink.fused}) {`)
  const general = { ...place, compact: place.compact || !isListed(last) }
  const end = emitStep(last, stand, { place: general, isFirst: false, isLast: true, grouped: false })
  code.line(`${result} = ${finishPath(part, end, general, unmarked).js}`)
  code.line('}')
  return asValue(result, ANY | NESTED)
}

/** An empty array that is handed on as it is ends the path, and is what it yields. */
function orEmpty(part: Node, whole: string, value: Value, { unit: { code } }: Place): Value {
  const end = part.keepSingletonArray === true ? `finishKept(${whole})` : `unwrap(${whole})`
  return asValue(code.let(`${isEnd(whole)} ? ${end} : ${value.js}`), ANY | NESTED)
}

function isEnd(whole: string): string {
  return `${whole} === undefined || ${whole}.length === 0`
}

/** The package marks what its predicates left of the array, and fails where that is nothing. */
function refuseNothing(whole: string, { unit: { code } }: Place): void {
  code.line(`if (${whole} === undefined) throw new TypeError('nothing cannot be kept as an array')`)
}

/** A path goes over the items of an array that it is evaluated for, unless it begins with a variable. */
function beginning(first: Node, { unit: { code }, input }: Place): Stand {
  if (first.type === 'variable') return { js: input.js, many: 'false' }
  return { js: input.js, many: code.let(`Array.isArray(${input.js})`) }
}

function finishPath(part: Node, stand: Stand, place: Place, unmarked: boolean): Value {
  const { code } = place.unit
  const { js, many, plain = 'false' } = stand
  const keep = part.keepSingletonArray === true
  const listed = keep || part.keepArray === true ? `finishKept(sequenceOf(${js}))` : finishing(js, unmarked)
  const whole = plain === 'false' ? listed : `${plain} ? ${keep ? `finishKept(${js})` : js} : ${listed}`
  const single = keep
    ? `finishKept(asKept(${js}))`
    : part.keepArray === true
      ? `unwrapKept(asKept(${js}))`
      : `Array.isArray(${js}) ? lastArray(${js}) : ${js}`
  const result = many === 'true' ? whole : many === 'false' ? single : `${many} ? (${whole}) : ${single}`
  return asValue(code.let(result), ANY | NESTED)
}

function groupPath(part: Node, { js, many }: Stand, wholes: readonly string[], place: Place): Value {
  const { code } = place.unit
  const list =
    many === 'true' ? js : code.let(`${many} || Array.isArray(${js}) ? ${js} : ${js} === undefined ? [] : [${js}]`)
  const items = wholes.reduceRight((rest, whole) => code.let(`${isEnd(whole)} ? ${whole} : ${rest}`), list)
  const kept = part.keepSingletonArray === true ? code.let(`asWritten(${items})`) : items
  return emitGroup(node(part.group), asValue(kept, ANY), place)
}
