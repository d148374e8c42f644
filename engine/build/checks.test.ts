import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadAjv } from '../config/ajv.ts'
import { readyCheck } from '../config/ready-check.ts'
import type { JsonSchema } from '../options.ts'
import type { Json } from '../record.ts'
import { ownSchemas } from './checks.ts'

describe('the checks that are compiled when streamrun is built', async () => {
  const schemas = await ownSchemas()

  it('are there for a pipeline file, a file of tests and every built-in plugin', async () => {
    const missing = []
    for (const schema of schemas) if ((await readyCheck(schema)) === undefined) missing.push(schema)
    expect(missing, 'no build since the last change of a schema: npm run build').toEqual([])
  })

  it('are not taken for a schema that differs in anything', async () => {
    for (const schema of schemas) expect(await readyCheck({ ...schema, description: 'another' })).toBeUndefined()
  })

  it('say yes to exactly what ajv says yes to', async () => {
    const ajv = await loadAjv({ allErrors: true })
    const answers = new Set<boolean>()
    for (const schema of schemas) {
      const [ready, validate] = [await readyCheck(schema), ajv.compile(schema)]
      fc.assert(
        fc.property(valueFor(schema, schema), (value) => {
          const answer = validate(value)
          answers.add(answer)
          expect(ready?.(value)).toBe(answer)
        }),
        { numRuns: 200 },
      )
    }
    expect(answers).toEqual(new Set([true, false]))
  })
})

/** Mostly what the schema asks for, sometimes anything else. */
function valueFor(schema: JsonSchema, root: JsonSchema): fc.Arbitrary<Json> {
  return fc.oneof({ arbitrary: meant(schema, root), weight: 30 }, { arbitrary: fc.constantFrom(...ODD), weight: 1 })
}

const ODD: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  '10',
  '\u{1f600}',
  [],
  {},
]

function meant(schema: JsonSchema, root: JsonSchema): fc.Arbitrary<Json> {
  const types = [schema.type ?? []].flat() as readonly string[]
  const known = [
    ...((schema.examples ?? []) as Json[]),
    ...((schema.enum ?? []) as Json[]),
    schema.default ?? [],
  ].flat()
  const choices = types.flatMap((type) => ofType(type, schema, root))
  if (known.length > 0) choices.push(fc.constantFrom(...known))
  return choices.length === 0 ? fc.constantFrom(...ODD) : fc.oneof(...choices)
}

function ofType(type: string, schema: JsonSchema, root: JsonSchema): fc.Arbitrary<Json>[] {
  if (type === 'object') return [ofObject(schema, root)]
  if (type === 'array') return [fc.array(valueFor((schema.items ?? {}) as JsonSchema, root), { maxLength: 3 })]
  if (type === 'boolean') return [fc.boolean()]
  if (type === 'string') return [fc.constantFrom('10s', '0s', '64MiB', 'price > 1', '{name}', 'a-name', 'Not a name')]
  return [fc.integer({ min: -2, max: 100 }), fc.double()]
}

function ofObject(schema: JsonSchema, root: JsonSchema): fc.Arbitrary<Json> {
  const properties = Object.entries((schema.properties ?? {}) as { readonly [name: string]: JsonSchema })
  const required = (schema.required ?? []) as string[]
  // A schema that refers to itself goes on for as long as one likes: here not at all.
  const fields = Object.fromEntries(
    properties.map(([name, one]) => [name, '$ref' in one ? fc.constant({}) : valueFor(one, root)]),
  )
  const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) }) as fc.Arbitrary<Json>
  if (typeof schema.additionalProperties !== 'object') return known
  return fc
    .dictionary(fc.constantFrom('one', 'two'), valueFor(schema.additionalProperties as JsonSchema, root), {
      maxKeys: 2,
    })
    .chain((more) => known.map((base) => ({ ...more, ...(base as object) })))
}
