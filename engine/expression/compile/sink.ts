import { ARRAY, can, LIST, type Node, NUMBER, nodes, type Place, RAW, UNDEFINED, type Value } from './place.ts'
import { boundNames } from './scope.ts'
import { isItemOfOrder } from './steps.ts'
import { isTuplePath } from './tuple-path.ts'

/** What becomes of the items of a path while they are found, so that no list of them has to be made. */
export interface Sink {
  /** A JavaScript variable: true when the path has been one of several items, and all of them went in. */
  readonly fused: string
  /** What the items came to; only where `fused` is true. */
  readonly result: string
  /** Writes the code that takes one item in, or gives up by `fused = false; break`. */
  take(value: Value): void
}

/** For functions of all numbers, or of the number of items. */
export function sinkFor(name: string, place: Place): Sink | undefined {
  if (!Object.hasOwn(STEPS, name)) return undefined
  const { code } = place.unit
  const { start, step, end } = STEPS[name] as Step
  const [fused, total, count] = [code.let('false'), code.let(start), code.let('0')]
  return {
    fused,
    result: `(${count} === 0 ? ${name === 'count' ? '0' : 'undefined'} : ${end(total, count)})`,
    take(value) {
      const isItem = name === 'count' ? oneItem(value) : isNumber(value)
      const takes = `${isItem} { ${step(total, value.js)}; ${count}++ }`
      const rest = isItem === '' ? '' : ` else if (${value.js} !== undefined) { ${fused} = false; break }`
      code.line(`${takes}${rest}`)
    },
  }
}

interface Step {
  readonly start: string
  readonly step: (total: string, item: string) => string
  readonly end: (total: string, count: string) => string
}

const STEPS: Readonly<Record<string, Step>> = {
  sum: { start: '0', step: (total, item) => `${total} += ${item}`, end: (total) => total },
  average: { start: '0', step: (total, item) => `${total} += ${item}`, end: (total, count) => `${total} / ${count}` },
  max: { start: '-Infinity', step: (total, item) => `${total} = Math.max(${total}, ${item})`, end: (total) => total },
  min: { start: 'Infinity', step: (total, item) => `${total} = Math.min(${total}, ${item})`, end: (total) => total },
  count: { start: '0', step: () => '', end: (_total, count) => count },
}

function isNumber({ js, kinds }: Value): string {
  return kinds === NUMBER ? '' : `if (typeof ${js} === 'number')`
}

function oneItem(value: Value): string {
  const isOne = can(value, ARRAY | RAW | LIST) ? ` && !Array.isArray(${value.js})` : ''
  return can(value, UNDEFINED) || isOne !== '' ? `if (${value.js} !== undefined${isOne})` : ''
}

/** A path whose items can go into a sink: its list is nothing but the results of its last step. */
export function canSink(argument: Node | undefined, isList: boolean): argument is Node {
  if (argument?.type !== 'path' || isTuplePath(argument) || argument.group !== undefined || argument.keepArray === true)
    return false
  const steps = nodes(argument.steps)
  // Where an item does not fit, the last step is done once more, which must not show.
  if (boundNames(steps.slice(-1)).size > 0) return false
  if (steps.some(isItemOfOrder)) return false
  return argument.keepSingletonArray !== true && (steps.length > 1 || isList) && steps[0]?.consarray !== true
}
