import { componentOptions, defaultType } from '../config/component-options.ts'
import { FILE_OPTIONS, NAME_PATTERN, SECTION_DESCRIPTIONS, SECTION_NAMES, SECTIONS } from '../config/schema.ts'
import { type JsonSchema, objectSchema } from '../options.ts'
import type { Plugin } from '../plugin.ts'
import { CALENDAR_UNITS } from '../quantities.ts'
import type { Json } from '../record.ts'
import { TEST_FILE_OPTIONS } from '../trial/case-options.ts'

/**
 * JSON Schemas (draft 2020-12) for editors: the whole pipeline file with every option of the built-in plugins, and one
 * schema a plugin. Unlike those that check a file they know only what stands in it, so every value may be a placeholder.
 */

const DRAFT = 'https://json-schema.org/draft/2020-12/schema'

/** The schema of a component of one plugin. */
export function pluginSchema(plugin: Plugin): JsonSchema {
  return withPointers({ $schema: DRAFT, title: `streamrun ${plugin.kind}: ${plugin.type}`, ...componentSchema(plugin) })
}

/** The schema of a pipeline file. */
export function pipelineSchema(plugins: readonly Plugin[]): JsonSchema {
  const { properties } = forEditors(objectSchema(FILE_OPTIONS))
  return withPointers({
    $schema: DRAFT,
    title: 'streamrun pipeline',
    description: 'A pipeline of streamrun: sources, channels, processors and sinks.',
    type: 'object',
    properties: { ...(properties as JsonSchema), ...sectionProperties() },
    required: ['sources', 'sinks'],
    additionalProperties: false,
    // Plugins from outside have types that are not known here.
    if: { not: { required: ['plugins'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: knownTypes(plugins) },
    $defs: definitions(plugins),
  })
}

/** The schema of a test file. */
export function testSchema(): JsonSchema {
  const description = 'Tests of a streamrun pipeline, beside it as NAME.test.yaml.'
  return withPointers({
    $schema: DRAFT,
    title: 'streamrun tests',
    description,
    ...forEditors(objectSchema(TEST_FILE_OPTIONS)),
  })
}

function sectionProperties(): JsonSchema {
  return Object.fromEntries(
    SECTION_NAMES.map((section) => [
      section,
      {
        description: SECTION_DESCRIPTIONS[section],
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: NAME_PATTERN },
        additionalProperties: { $ref: `#/$defs/${SECTIONS[section]}` },
      },
    ]),
  )
}

function knownTypes(plugins: readonly Plugin[]): JsonSchema {
  return Object.fromEntries(
    SECTION_NAMES.map((section) => {
      const types = plugins.filter(({ kind }) => kind === SECTIONS[section]).map(({ type }) => type)
      const type = { anyOf: [...(types.length > 0 ? [{ enum: types }] : []), PLACEHOLDER] }
      return [section, { additionalProperties: { properties: { type } } }]
    }),
  )
}

/** One definition a kind, which by its type points at one a plugin. */
function definitions(plugins: readonly Plugin[]): JsonSchema {
  const kinds = Object.values(SECTIONS).map((kind) => [kind, kindSchema(kind, plugins)])
  return Object.fromEntries([...kinds, ...plugins.map((plugin) => [idOf(plugin), componentSchema(plugin)])])
}

function kindSchema(kind: Plugin['kind'], plugins: readonly Plugin[]): JsonSchema {
  const ours = plugins.filter((plugin) => plugin.kind === kind)
  const usual = defaultType(kind)
  const types = ours.map(({ type, summary }) => ({ const: type, description: summary }))
  return {
    type: 'object',
    properties: {
      type: { ...typeAbout(kind), anyOf: [...(types.length > 0 ? [{ oneOf: types }] : []), { type: 'string' }] },
    },
    ...(usual === undefined ? { required: ['type'] } : {}),
    // An empty list would be no valid schema.
    ...(ours.length === 0
      ? {}
      : {
          allOf: ours.map((plugin) => ({
            if: {
              properties: { type: { const: plugin.type } },
              ...(plugin.type === usual ? {} : { required: ['type'] }),
            },
            // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
            then: { $ref: `#/$defs/${idOf(plugin)}` },
          })),
        }),
  }
}

function typeAbout(kind: Plugin['kind']): JsonSchema {
  const usual = defaultType(kind)
  return { description: `Which ${kind} this is.`, ...(usual === undefined ? {} : { default: usual }) }
}

function componentSchema(plugin: Plugin): JsonSchema {
  const schema = forEditors(objectSchema(componentOptions(plugin)))
  const type = { ...typeAbout(plugin.kind), const: plugin.type }
  return { description: plugin.summary, ...schema, properties: { ...(schema.properties as JsonSchema), type } }
}

/** The name of a plugin in file names and definitions. */
export function idOf({ kind, type }: Plugin): string {
  return `${kind}-${type}`
}

const PLACEHOLDER = { type: 'string', pattern: '\\$\\{' }
const DURATION = '^\\d+(\\.\\d+)?(ms|s|m|h|d)$'
const PERIOD = `${DURATION}|^1 (${CALENDAR_UNITS.join('|')})$`
const QUANTITIES: Readonly<Record<string, string>> = {
  duration: DURATION,
  'positive-duration': DURATION,
  period: PERIOD,
  size: '^\\d+(\\.\\d+)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$',
}

/** Editors know no formats of ours, and placeholders stand where numbers and words do. */
function forEditors(schema: JsonSchema): JsonSchema {
  const { format, ...plain } = schema
  if (schema.type === undefined) return schema
  if (schema.type === 'object' || schema.items !== undefined) return { ...plain, ...below(schema) }
  const pattern = QUANTITIES[String(format)]
  return orPlaceholder(pattern === undefined ? plain : { ...plain, pattern })
}

function below({ properties, additionalProperties, items }: JsonSchema): JsonSchema {
  const named = Object.entries((properties ?? {}) as { readonly [name: string]: JsonSchema })
  return {
    ...(items === undefined ? {} : { items: forEditors(items as JsonSchema) }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(named.map(([k, v]) => [k, forEditors(v)])) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: forEditors(additionalProperties as JsonSchema) }
      : {}),
  }
}

const ABOUT = ['description', 'default', 'examples', 'writeOnly']

/** What explains a value stays outside, what restricts it becomes one of two choices. */
function orPlaceholder(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema)
  const rules = Object.fromEntries(entries.filter(([keyword]) => !ABOUT.includes(keyword)))
  if (Object.keys(rules).length === 1 && rules.type === 'string') return schema
  const about: { [keyword: string]: Json } = Object.fromEntries(entries.filter(([keyword]) => ABOUT.includes(keyword)))
  return { ...about, anyOf: [rules, PLACEHOLDER] }
}

/** Editors follow pointers more surely than anchors. */
function withPointers(document: JsonSchema): JsonSchema {
  const pointers = new Map<Json, string>()
  findAnchors(document, '#', pointers)
  return pointers.size === 0 ? document : (pointed(document, pointers) as JsonSchema)
}

function findAnchors(part: Json, pointer: string, pointers: Map<Json, string>): void {
  if (typeof part !== 'object' || part === null) return
  for (const [key, value] of Object.entries(part)) {
    if (key === '$anchor') pointers.set(`#${value}`, pointer)
    findAnchors(value, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, pointers)
  }
}

function pointed(part: Json, pointers: ReadonlyMap<Json, string>): Json {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map((item) => pointed(item, pointers))
  const entries = Object.entries(part).filter(([key]) => key !== '$anchor')
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === '$ref' ? (pointers.get(value) ?? value) : pointed(value, pointers)]),
  )
}
