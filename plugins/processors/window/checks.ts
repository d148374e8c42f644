import { didYouMean, type Json, type Sight } from '../../../engine/plugin.ts'
import { keyParts } from '../../shared/by.ts'
import { type Fault, fault } from '../../shared/fault.ts'
import { isZone } from './calendar.ts'
import { commonDivisor } from './grid.ts'
import { type Given, KINDS, kindOf } from './kinds.ts'

/** What is wrong with options that are each valid by themselves. */
export function faultsOf(given: Given): readonly Fault[] {
  return [...kindFaults(given), ...slideFaults(given), ...emitFaults(given), ...nameFaults(given), ...topFaults(given)]
}

/** What the rows on disk mean depends on all of this; `having` and `top` only judge results. */
export function identityOf(given: Given): Json {
  const { every, slide, offset, zone, session, count, count_slide, where, by, aggregate } = given
  const times = { every, slide, offset, zone, session, count, count_slide }
  const keys = keyParts(by).map(({ name, text }) => [name, text])
  return JSON.parse(JSON.stringify({ ...times, where, keys, aggregate: [...aggregate] })) as Json
}

function kindFaults(given: Given): Fault[] {
  const [first, ...others] = KINDS.filter((kind) => given[kind] !== undefined)
  if (first === undefined) return [fault([], 'SR_MISSING_OPTION', `one of ${KINDS.join(', ')} is needed`)]
  const twice = others.map((kind) =>
    fault([kind], 'SR_OPTION_REFUSED', `there is \`${first}\` already: write one of the two`),
  )
  const zone = isZone(given.zone)
    ? []
    : [fault(['zone'], 'SR_BAD_VALUE', `"${given.zone}" is no time zone of the IANA`)]
  return [...twice, ...zone]
}

/** What belongs to another kind of window would be passed over without a word. */
function slideFaults(given: Given): Fault[] {
  const { every, slide, offset, zone, count, count_slide, lateness, fill } = given
  const faults: Fault[] = []
  const refuse = (option: keyof Given, to: string) =>
    faults.push(fault([option], 'SR_OPTION_REFUSED', `it belongs to ${to}`))
  if (slide !== undefined && typeof every !== 'number') refuse('slide', '`every` with a duration')
  if (offset !== 0 && typeof every !== 'number') refuse('offset', '`every` with a duration')
  if (zone !== 'UTC' && typeof every !== 'string') refuse('zone', 'windows of the calendar, such as `every: 1 day`')
  if (count_slide !== undefined && count === undefined) refuse('count_slide', '`count`')
  if (lateness > 0 && count !== undefined) refuse('lateness', '`every` and `session`: no record is late for `count`')
  if (fill > 0 && (every === undefined || slide !== undefined)) refuse('fill', '`every` without `slide`')
  faults.push(...stepFaults('slide', 'every', given), ...stepFaults('count_slide', 'count', given))
  return faults
}

function stepFaults(option: 'slide' | 'count_slide', whole: 'every' | 'count', given: Given): Fault[] {
  const step = given[option]
  const size = given[whole]
  if (step === undefined || typeof size !== 'number') return []
  if (step > size) {
    return [
      fault(
        [option],
        'SR_OPTION_REFUSED',
        `it is longer than \`${whole}\`: what lies between two windows would be lost`,
      ),
    ]
  }
  const panes = size / commonDivisor(size, step)
  if (panes <= MOST_PANES) return []
  const message = `\`${whole}\` and it have so little in common that a window is made of ${panes} parts; ${MOST_PANES} is the most`
  return [fault([option], 'SR_OPTION_REFUSED', message)]
}

const MOST_PANES = 10_000

function emitFaults({ emit }: Given): Fault[] {
  if (emit.every === undefined || emit.on === undefined) return []
  return [fault(['emit', 'on'], 'SR_OPTION_REFUSED', 'there is `every` already: write one of the two')]
}

/** Every field of a result has one meaning. */
function nameFaults(given: Given): Fault[] {
  const taken = new Map(ownNames(given).map((name) => [name, 'a field that every result has']))
  const faults: Fault[] = []
  const take = (name: string, place: Fault['path'], what: string) => {
    const other = taken.get(name)
    if (name === '__proto__') faults.push(fault(place, 'SR_BAD_NAME', '"__proto__" cannot be a field'))
    else if (other !== undefined)
      faults.push(fault(place, 'SR_OPTION_REFUSED', `"${name}" is ${other} already`, NAME_HINT))
    taken.set(name, what)
  }
  for (const { name, place } of keyParts(given.by)) take(name, ['by', ...place], 'a key')
  for (const name of given.aggregate.keys()) take(name, ['aggregate', name], 'an aggregate')
  return faults
}

const NAME_HINT = 'give it another name; a map under `by` names keys'

/** A result has the fields that the definition names and no others; `having` is asked before there are ranks. */
export function sightsOf(given: Given): readonly Sight[] {
  const own = ownNames({ ...given, top: undefined })
  const fields = [...own, ...keyParts(given.by).map(({ name }) => name), ...given.aggregate.keys()]
  return [{ path: ['having'], fields, clock: true }]
}

function ownNames({ emit, top }: Given): string[] {
  const final = emit.every === undefined && emit.on === undefined ? [] : ['final']
  return ['window_start', 'window_end', ...final, ...(top === undefined ? [] : ['rank'])]
}

/** It ranks the keys of a window, when that is complete. */
function topFaults(given: Given): Fault[] {
  const { top, by, emit, aggregate } = given
  if (top === undefined) return []
  const faults: Fault[] = []
  const refuse = (message: string) => faults.push(fault(['top'], 'SR_OPTION_REFUSED', message))
  const kind = kindOf(given)
  if (kind === 'session' || kind === 'count')
    refuse(`each window of \`${kind}\` is of one key alone: there is nothing to rank in it`)
  if (by === undefined) refuse('without `by` a window has one result: there is nothing to rank')
  if (emit.every !== undefined || emit.on !== undefined)
    refuse('a window that is still open has no ranks yet: leave out `emit`')
  const aggregates = [...aggregate.keys()]
  if (!aggregates.includes(top.by)) {
    const hint = didYouMean(top.by, aggregates) ?? `there is ${aggregates.join(', ')}`
    faults.push(fault(['top', 'by'], 'SR_BAD_VALUE', `this window has no aggregate "${top.by}"`, hint))
  }
  return [
    ...faults,
    ...withinFaults(
      top.within,
      keyParts(by).map(({ name }) => name),
    ),
  ]
}

function withinFaults(within: string | undefined, keys: readonly string[]): Fault[] {
  const place = ['top', 'within']
  if (within === undefined || keys.length === 0) return []
  if (!keys.includes(within)) {
    const hint = didYouMean(within, keys) ?? `there is ${keys.join(', ')}`
    return [fault(place, 'SR_BAD_VALUE', `this window has no key "${within}"`, hint)]
  }
  if (keys.length > 1) return []
  return [
    fault(place, 'SR_OPTION_REFUSED', `"${within}" is the only key: there is nothing to rank for each of its values`),
  ]
}
