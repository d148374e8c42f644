/**
 * The options of a plugin, each written once: YAML type, run-time type, default, description, examples and check.
 * From the same definition come the static type of `options` in `open`, the JSON Schema that ajv checks and editors
 * complete from, and the tables in the READMEs.
 *
 * A JSON Schema library alone would not do: the text in the YAML (`10s`) and the value that a plugin gets (10000)
 * differ, so every kind knows how to read itself.
 */

import { type CalendarUnit, parseDuration, parsePeriod, parseSize } from './quantities.ts'
import type { Json, JsonObject } from './record.ts'

export type { CalendarUnit } from './quantities.ts'

/** What an option is, in the words of DESIGN.md section 2; shown in the reference tables. */
export type OptionKind =
  | 'text'
  | 'expression'
  | 'template'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'duration'
  | 'period'
  | 'size'
  | 'enum'
  | 'list'
  | 'map'
  | 'connection'
  | 'value'

/** One option; `T` is what the plugin gets. */
export interface Option<T = unknown> {
  readonly kind: OptionKind
  /** JSON Schema (draft 2020-12) of the value as it stands in the YAML; `format` tells the kinds of text apart. */
  readonly schema: JsonSchema
  /** False: `open` gets `undefined` when the option is left out and has no default. */
  readonly required: boolean
  /** The YAML text of the default. */
  readonly default: Json | undefined
  /** Turns a value that the schema accepts into what the plugin gets. */
  readonly read: (value: Json) => T
  /** Of kind `connection`: the type that it must be of. */
  readonly connects?: string
  /** `streamrun init` writes it out, though it may be left out. */
  readonly starter?: Starter
}

export type JsonSchema = { readonly [keyword: string]: Json }
export type Options = { readonly [name: string]: Option }
/** What `open` gets for a set of options. */
export type OptionValues<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }

/** `file`: the option names a file, which `streamrun init` writes too, with this text in it. */
export type Starter = true | { readonly file: string }

interface About<Y extends Json> {
  /** One or two sentences: what it does, and what to choose. */
  readonly description: string
  readonly examples?: readonly Y[]
  /** Whoever begins should say it, though it may be left out: `streamrun init` writes its first example. */
  readonly starter?: Starter
}
interface WithDefault<Y extends Json> extends About<Y> {
  readonly default: Y
}

/** An option with a default is always there for the plugin; one without must be given, unless wrapped in `optional`. */
type Described<Y extends Json> = About<Y> | WithDefault<Y>

export function text(
  about: Described<string> & { secret?: boolean; pattern?: string; minLength?: number },
): Option<string> {
  const schema: JsonSchema = {
    type: 'string',
    ...(about.minLength === undefined ? {} : { minLength: about.minLength }),
    ...(about.pattern === undefined ? {} : { pattern: about.pattern }),
    ...(about.secret ? { writeOnly: true } : {}),
  }
  return option('text', schema, about, (value) => value as string)
}

/** A JSONata expression; its syntax is checked with the definition. The plugin compiles it in `open`. */
export function expression(about: Described<string>): Option<string> {
  return option('expression', { type: 'string', format: 'jsonata' }, about, (value) => value as string)
}

/** A JSONata expression, a list of them, or a map of names to them. */
export function expressions(
  about: Described<string | readonly string[] | { readonly [name: string]: string }>,
): Option<string | readonly string[] | ReadonlyMap<string, string>> {
  const one: JsonSchema = { type: 'string', format: 'jsonata' }
  const type = ['string', 'array', 'object']
  const schema: JsonSchema = { ...one, type, items: one, minItems: 1, additionalProperties: one, minProperties: 1 }
  return option('expression', schema, about, (value) =>
    typeof value === 'string' || Array.isArray(value) ? value : new Map(Object.entries(value as object)),
  )
}

/** Text with `{expression}` per record and `%Y-%m-%d` of the event time; checked with the definition. */
export function template(about: Described<string>): Option<string> {
  return option('template', { type: 'string', format: 'template' }, about, (value) => value as string)
}

export function integer(about: Described<number> & { minimum?: number; maximum?: number }): Option<number> {
  return option('integer', { type: 'integer', ...bounds(about) }, about, (value) => value as number)
}

export function number(about: Described<number> & { minimum?: number; maximum?: number }): Option<number> {
  return option('number', { type: 'number', ...bounds(about) }, about, (value) => value as number)
}

export function boolean(about: Described<boolean>): Option<boolean> {
  return option('boolean', { type: 'boolean' }, about, (value) => value as boolean)
}

/** `true` and nothing else: it says something by being there. */
export function flag(about: About<boolean>): Option<true> {
  return option('boolean', { type: 'boolean', const: true }, about, () => true)
}

/** `250ms`, `10s`, `5m`, `1h`, `7d`; the plugin gets milliseconds. `positive`: 1 or more of them. */
export function duration(about: Described<string> & { positive?: true }): Option<number> {
  const format = about.positive ? 'positive-duration' : 'duration'
  return option('duration', { type: 'string', format }, about, (value) => parseDuration(value as string))
}

/** A duration of 1 ms or more, or `1 day`, `1 week`, ... of the calendar; the plugin gets milliseconds, or the unit. */
export function period(about: Described<string>): Option<number | CalendarUnit> {
  return option('period', { type: 'string', format: 'period' }, about, (value) => parsePeriod(value as string))
}

/** `512B`, `64KiB`, `1MiB`, `2GiB`, and `kB`, `MB`, `GB` by 1,000; the plugin gets bytes. */
export function size(about: Described<string>): Option<number> {
  return option('size', { type: 'string', format: 'size' }, about, (value) => parseSize(value as string))
}

/** One of a few kebab-case words. */
export function choice<const W extends string>(words: readonly W[], about: Described<NoInfer<W>>): Option<W> {
  return option('enum', { type: 'string', enum: words }, about, (value) => value as W)
}

/** The name of a connection of this type. Left out: the only one of the file; the plugin always gets a name. */
export function connection(type: string, about: About<string>): Option<string> {
  const named = option('connection', { type: 'string' }, about, (value) => value as string)
  return { ...named, required: false, connects: type }
}

/** One or more of `item`; `description` of the item is shown for each. */
export function list<T>(
  item: Option<T>,
  about: Described<readonly Json[]> & { minItems?: number },
): Option<readonly T[]> {
  const schema: JsonSchema = { type: 'array', items: item.schema, minItems: about.minItems ?? 1 }
  return option('list', schema, about, (value) => (value as readonly Json[]).map((entry) => item.read(entry)))
}

/** One text, or a list of them; none is empty. */
export function texts(about: Described<string | readonly string[]>): Option<readonly string[]> {
  const schema: JsonSchema = {
    type: ['string', 'array'],
    minLength: 1,
    items: { type: 'string', minLength: 1 },
    minItems: 1,
  }
  return option('list', schema, about, (value) => (typeof value === 'string' ? [value] : (value as readonly string[])))
}

/** Names, in the order of the file, to `item`. */
export function map<T>(
  item: Option<T>,
  about: Described<{ readonly [key: string]: Json }>,
): Option<ReadonlyMap<string, T>> {
  const schema: JsonSchema = { type: 'object', additionalProperties: item.schema, minProperties: 1 }
  return option(
    'map',
    schema,
    about,
    (value) => new Map(Object.entries(value as object).map(([k, v]) => [k, item.read(v)])),
  )
}

/** A map of any shape, such as a JSON Schema: taken as it stands, and placeholders in it are not filled. */
export function object(about: Described<JsonObject>): Option<JsonObject> {
  return option('map', { type: 'object' }, about, (value) => value as JsonObject)
}

/** Options inside an option: `retry: { attempts, delay }`. */
export function group<O extends Options>(
  options: O,
  about: About<{ readonly [key: string]: Json }>,
): Option<OptionValues<O>> {
  const whole = option('map', objectSchema(options), { ...about, default: {} }, (value) =>
    readOptions(options, value as { readonly [name: string]: Json }),
  )
  return whole
}

/** Any value at all: text, number, boolean, null, list or map, as it stands in the file. */
export function value(about: Described<Json>): Option<Json> {
  return option('value', {}, about, (given) => given)
}

/**
 * An option that may stand inside itself, such as `{ pool: 9, of: { pool: 3, of: ... } }`. `define` gets what makes the
 * inner ones. `name` must be unique among all plugins: it is how the schema refers to itself.
 */
export function recursive<T>(name: string, define: (self: (about: About<Json>) => Option<T>) => Option<T>): Option<T> {
  const self = (about: About<Json>) => option('map', { $ref: `#${name}` }, about, (given): T => whole.read(given))
  const whole = define(self)
  const { default: _, ...schema } = whole.schema
  return { ...whole, default: undefined, schema: { $anchor: name, ...schema } }
}

/** May be left out: the plugin then gets `undefined`. */
export function optional<T>(inner: Option<T>): Option<T | undefined> {
  const { default: _, ...schema } = inner.schema
  return { ...inner, required: false, default: undefined, schema }
}

/** The JSON Schema of a whole set: strict, so that a misspelt key is an error. */
export function objectSchema(options: Options): JsonSchema {
  const properties = Object.fromEntries(Object.entries(options).map(([name, one]) => [name, one.schema]))
  const required = Object.entries(options).filter(([, one]) => one.required && one.default === undefined)
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required: required.map(([name]) => name) } : {}),
    additionalProperties: false,
  }
}

/** The values that a plugin gets, defaults filled in; `values` has passed `objectSchema(options)`. */
export function readOptions<O extends Options>(options: O, values: { readonly [name: string]: Json }): OptionValues<O> {
  const read = Object.entries(options).map(([name, one]) => {
    const value = Object.hasOwn(values, name) ? values[name] : one.default
    return [name, value === undefined ? undefined : one.read(value)]
  })
  return Object.fromEntries(read) as OptionValues<O>
}

function option<T, Y extends Json>(
  kind: OptionKind,
  type: JsonSchema,
  about: Described<Y>,
  read: (value: Json) => T,
): Option<T> {
  const fallback = 'default' in about ? about.default : undefined
  const schema: JsonSchema = {
    ...type,
    description: about.description,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(about.examples === undefined ? {} : { examples: about.examples }),
  }
  const starter = about.starter === undefined ? {} : { starter: about.starter }
  return { kind, schema, required: true, default: fallback, read, ...starter }
}

function bounds(about: { minimum?: number; maximum?: number }): JsonSchema {
  return {
    ...(about.minimum === undefined ? {} : { minimum: about.minimum }),
    ...(about.maximum === undefined ? {} : { maximum: about.maximum }),
  }
}
