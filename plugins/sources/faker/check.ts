import { type Check, didYouMean, type Json, messageOf } from '../../../engine/plugin.ts'
import { type Fault, fault } from '../../shared/fault.ts'
import { loadMethods, localeNames, type Methods, toJson } from './methods.ts'
import type { FakerOptions, Fields, Generator } from './options.ts'
import { RecordRandom, saltOf } from './record-random.ts'
import { formatterOf } from './sequence-format.ts'
import { sightsOf } from './sights.ts'

type Path = Fault['path']

/** Tries every method with its arguments, so that a wrong one is said before anything runs. */
export async function checkFaker({ fields, locale, rate, seed }: FakerOptions): Promise<Check> {
  const random = new RecordRandom(0)
  const known = await loadMethods(locale, random)
  // The methods of all locales are called the same.
  const methods = known ?? (await loadMethods('en', random)) ?? new Map()
  const faults = [
    ...(known === undefined ? [await unknownLocale(locale)] : []),
    ...(rate === 0 ? [fault(['rate'], 'SR_BAD_VALUE', 'must be more than 0')] : []),
    ...fieldFaults(fields, ['fields'], { methods, random, inPool: false }),
  ]
  const shown = [...fields].filter(([, { hidden }]) => !hidden).map(([name]) => name)
  // Fields may change: record n is then made by the new ones. Another seed would be another input.
  return { faults, fields: shown, sees: sightsOf(fields), identity: { seed: seed ?? null } }
}

async function unknownLocale(locale: string): Promise<Fault> {
  const names = await localeNames()
  const hint = didYouMean(locale, names) ?? `one of ${names.join(', ')}`
  return fault(['locale'], 'SR_BAD_VALUE', `faker has no locale "${locale}"`, hint)
}

interface Surroundings {
  readonly methods: Methods
  readonly random: RecordRandom
  readonly inPool: boolean
}

function fieldFaults(fields: Fields, path: Path, around: Surroundings): Fault[] {
  return [...fields].flatMap(([name, generator]) => generatorFaults(generator, [...path, name], around))
}

function generatorFaults(generator: Generator, path: Path, around: Surroundings): Fault[] {
  const { object, of, weighted, sequence, now } = generator
  return [
    ...wayFaults(generator, path),
    ...companionFaults(generator, path),
    ...fakerFaults(generator, path, around),
    ...(object === undefined ? [] : fieldFaults(object, [...path, 'object'], around)),
    ...(of === undefined ? [] : memberFaults(of, [...path, 'of'], around)),
    ...(weighted === undefined ? [] : weightFaults(weighted, [...path, 'weighted'])),
    ...(sequence?.format === undefined ? [] : formatFaults(sequence.format, [...path, 'sequence', 'format'])),
    ...(now !== undefined && around.inPool ? [timeInPool([...path, 'now'])] : []),
  ]
}

const WAYS = [
  'faker',
  'choice',
  'weighted',
  'pool',
  'sequence',
  'now',
  'expression',
  'template',
  'object',
  'value',
] as const satisfies readonly (keyof Generator)[]

function wayFaults(generator: Generator, path: Path): Fault[] {
  const [first, second] = WAYS.filter((way) => generator[way] !== undefined)
  if (first === undefined) {
    return [fault(path, 'SR_MISSING_OPTION', 'it does not say how it is made', `one of ${WAYS.join(', ')}`)]
  }
  if (second === undefined) return []
  return [fault([...path, second], 'SR_OPTION_REFUSED', `it is made by either ${first} or ${second}, not by both`)]
}

function companionFaults({ faker, args, pool, of }: Generator, path: Path): Fault[] {
  return [
    ...(args !== undefined && faker === undefined
      ? [fault([...path, 'args'], 'SR_OPTION_REFUSED', 'only `faker` takes arguments')]
      : []),
    ...(of !== undefined && pool === undefined
      ? [fault([...path, 'of'], 'SR_OPTION_REFUSED', '`pool` is missing: of how many values it draws')]
      : []),
    ...(of === undefined && pool !== undefined
      ? [fault([...path, 'pool'], 'SR_MISSING_OPTION', '`of` is missing: how its values are made')]
      : []),
  ]
}

function memberFaults(member: Generator, path: Path, around: Surroundings): Fault[] {
  const hidden = member.hidden
    ? [fault([...path, 'hidden'], 'SR_OPTION_REFUSED', 'only fields can be hidden: write it beside `pool`')]
    : []
  return [...hidden, ...generatorFaults(member, path, { ...around, inPool: true })]
}

function fakerFaults({ faker, args = [] }: Generator, path: Path, { methods, random }: Surroundings): Fault[] {
  if (faker === undefined) return []
  const at = [...path, 'faker']
  const method = methods.get(faker)
  if (method === undefined) {
    const hint = didYouMean(faker, methods.keys()) ?? 'https://fakerjs.dev/api lists them'
    return [fault(at, 'SR_BAD_VALUE', `faker has no method "${faker}"`, hint)]
  }
  const refusal = refusalOf(() => toJson(method(...structuredClone(args))), random)
  if (refusal === undefined) return []
  return [fault(args.length > 0 ? [...path, 'args'] : at, 'SR_OPTION_REFUSED', `${faker} fails: ${refusal}`)]
}

/** Some faults come only with some of the numbers that a method draws. */
const TRIALS = 10

function refusalOf(call: () => Json | undefined, random: RecordRandom): string | undefined {
  for (let trial = 0; trial < TRIALS; trial++) {
    random.start(trial, saltOf('trial'))
    try {
      call()
    } catch (error) {
      return messageOf(error).split('\n')[0]
    }
  }
  return undefined
}

function weightFaults(weighted: ReadonlyMap<string, number>, path: Path): Fault[] {
  if ([...weighted.values()].some((weight) => weight > 0)) return []
  return [fault(path, 'SR_BAD_VALUE', 'one of the weights must be more than 0')]
}

function formatFaults(format: string, path: Path): Fault[] {
  if (formatterOf(format) !== undefined) return []
  const message = `"${format}" is no format: it needs a %d or a %05d, and %% for a percent sign`
  return [fault(path, 'SR_BAD_VALUE', message)]
}

function timeInPool(path: Path): Fault {
  return fault(path, 'SR_OPTION_REFUSED', 'the values of a pool do not depend on the time: a restart makes them again')
}
