import type { Sight } from '../../../engine/plugin.ts'
import type { Fields, Generator } from './options.ts'

/** What the expressions and templates see: the fields that are made before them. */
export function sightsOf(fields: Fields): readonly Sight[] {
  return fieldSights(fields, ['fields'], [], { clock: true, isWhole: true })
}

type Path = Sight['path']

interface Surroundings {
  readonly clock: boolean
  /** These are the fields of the record, or of a member of a pool, and not those of an object in it. */
  readonly isWhole: boolean
}

/** `before`: the fields at the top of what the expressions see that are there before these are made. */
function fieldSights(fields: Fields, path: Path, before: readonly string[], around: Surroundings): Sight[] {
  const { clock, isWhole } = around
  const names = [...fields.keys()]
  return [...fields].flatMap(([name, generator], index) => {
    const there = isWhole ? names.slice(0, index) : before
    return generatorSights(generator, [...path, name], { name: isWhole ? name : undefined, there, clock })
  })
}

interface Place {
  /** Under which name the value stands at the top while it is filled. */
  readonly name: string | undefined
  readonly there: readonly string[]
  readonly clock: boolean
}

function generatorSights(generator: Generator, path: Path, { name, there, clock }: Place): Sight[] {
  const { expression, template, object, of } = generator
  const inside = name === undefined ? there : [...there, name]
  return [
    ...(expression === undefined ? [] : [{ path: [...path, 'expression'], fields: there, clock }]),
    ...(template === undefined ? [] : [{ path: [...path, 'template'], fields: there, clock }]),
    ...(object === undefined ? [] : fieldSights(object, [...path, 'object'], inside, { clock, isWhole: false })),
    ...(of === undefined ? [] : memberSights(of, [...path, 'of'])),
  ]
}

/** A member of a pool is made by itself. */
function memberSights(member: Generator, path: Path): Sight[] {
  const { object } = member
  if (object !== undefined) return fieldSights(object, [...path, 'object'], [], { clock: false, isWhole: true })
  return generatorSights(member, path, { name: undefined, there: [], clock: false })
}
