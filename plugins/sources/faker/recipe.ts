import type { Json } from '../../../engine/plugin.ts'
import { inOrder } from '../../shared/in-order.ts'
import { GeneratedRecord } from './generated-record.ts'
import { type Made, type Maker, makerOf, type Tools } from './makers.ts'
import type { Fields, Generator } from './options.ts'
import { saltOf } from './record-random.ts'

/** How a value is made, compiled: an object field by field, anything else by its maker. */
export type Recipe = { readonly make: Maker } | ObjectRecipe

interface ObjectRecipe {
  readonly fields: readonly Field[]
  /** Some of them are hidden, here or further in. */
  readonly hides: boolean
}

interface Field {
  readonly name: string
  /** Stands for its place in the record: its chance depends on it, and on no other field. */
  readonly salt: number
  /** The share of records in which it is missing. */
  readonly optional: number
  readonly hidden: boolean
  readonly recipe: Recipe
}

/** The fields were checked. `place` is where they stand, such as `data.`. */
export function compileFields(fields: Fields, place: string, tools: Tools): Recipe {
  const compiled = [...fields].map(([name, generator]) => compileField(name, generator, place + name, tools))
  return { fields: compiled, hides: compiled.some(({ hidden, recipe }) => hidden || hides(recipe)) }
}

/** Makes the value of a recipe that stands by itself: a record, or a member of a pool. */
export function makeWhole(recipe: Recipe, record: GeneratedRecord): Made {
  if ('make' in recipe) return recipe.make(record)
  const draft: Draft = {}
  record.value = draft
  const pending = fill(recipe.fields, draft, record)
  return pending === undefined ? shown(recipe, draft) : pending.then(() => shown(recipe, draft))
}

function hides(recipe: Recipe): boolean {
  return 'fields' in recipe && recipe.hides
}

function compileField(name: string, generator: Generator, place: string, tools: Tools): Field {
  const { optional, hidden } = generator
  return { name, salt: saltOf(place), optional, hidden, recipe: compileGenerator(generator, place, tools) }
}

function compileGenerator(generator: Generator, place: string, tools: Tools): Recipe {
  const { object, pool, of } = generator
  if (object !== undefined) return compileFields(object, `${place}.`, tools)
  if (pool !== undefined && of !== undefined) {
    return { make: poolMaker(pool, compileField('', of, `${place}[]`, tools)) }
  }
  return { make: makerOf(generator, place, tools) }
}

/** Members are made when they are first drawn, so that a large pool costs nothing at the start. */
function poolMaker(size: number, member: Field): Maker {
  const known = new Map<number, Json | undefined>()
  const keep = (index: number) => (value: Json | undefined) => {
    known.set(index, value)
    return value
  }
  return ({ workplace }) => {
    const index = Math.floor(workplace.random.next() * size)
    if (known.has(index)) return known.get(index)
    const made = makeMember(member, new GeneratedRecord(index, 0, workplace))
    return made instanceof Promise ? made.then(keep(index)) : keep(index)(made)
  }
}

function makeMember(member: Field, record: GeneratedRecord): Made {
  return isMissing(member, record) ? undefined : makeWhole(member.recipe, record)
}

/** An object that is being filled. */
type Draft = { [name: string]: Json }

function fill(fields: readonly Field[], draft: Draft, record: GeneratedRecord): void | Promise<void> {
  return inOrder(fields, (field) => {
    if (isMissing(field, record)) return undefined
    return 'fields' in field.recipe
      ? fillInner(field.name, field.recipe.fields, draft, record)
      : fillValue(field.name, field.recipe.make(record), draft)
  })
}

/** Starts the stream of the field, whose first number says whether it is there. */
function isMissing({ salt, optional }: Field, { n, workplace: { random } }: GeneratedRecord): boolean {
  random.start(n, salt)
  return optional > 0 && random.next() < optional
}

/** In its place before it is filled, so that expressions in it see it there. */
function fillInner(
  name: string,
  fields: readonly Field[],
  draft: Draft,
  record: GeneratedRecord,
): void | Promise<void> {
  const inner: Draft = {}
  put(draft, name, inner)
  return fill(fields, inner, record)
}

function fillValue(name: string, made: Made, draft: Draft): void | Promise<void> {
  if (made instanceof Promise) return made.then((value) => put(draft, name, value))
  put(draft, name, made)
}

/** `__proto__` is a name like any other (CF-10). */
function put(draft: Draft, name: string, value: Json | undefined): void {
  if (value === undefined) return
  if (name === '__proto__') {
    Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true })
  } else draft[name] = value
}

/** Without what is hidden. A new object, as objects that lose a property become slow ones. */
function shown(recipe: ObjectRecipe, draft: Draft): Draft {
  if (!recipe.hides) return draft
  const kept: Draft = {}
  for (const { name, hidden, recipe: inner } of recipe.fields) {
    if (hidden || !Object.hasOwn(draft, name)) continue
    put(kept, name, 'fields' in inner ? shown(inner, draft[name] as Draft) : draft[name])
  }
  return kept
}
