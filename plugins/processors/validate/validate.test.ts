import { describe, expect, it } from 'vitest'
import { headerText, type Json, type JsonObject } from '../../../engine/plugin.ts'
import {
  collectingSink,
  faultsOf,
  lines,
  listSource,
  memoryStorage,
  runPipeline,
  runProcessor,
} from '../../../test/contract/index.ts'
import validate from './index.ts'

const LINE = {
  type: 'object',
  required: ['sku', 'qty'],
  properties: { sku: { type: 'string' }, qty: { type: 'integer', minimum: 1 } },
}

describe('validate', () => {
  it('lets a record through that meets the schema: the very record that came in', async () => {
    const run = await runProcessor(validate, { schema: LINE }, [{ sku: 'a', qty: 1, more: true }])
    expect(run.emitted[0]).toBe(run.records[0])
    expect(run.waited).toBe(false)
  })

  it('sends the others to the port `invalid`, as they are, with all that is wrong in a header', async () => {
    const run = await runProcessor(validate, { schema: LINE }, [{ qty: 0 }, { sku: 'b', qty: 2 }, 'text'])
    expect(run.values).toEqual([{ sku: 'b', qty: 2 }])
    expect(run.ports.get('invalid')?.map(({ value }) => value)).toEqual([{ qty: 0 }, 'text'])
    expect(await reasonsFor(LINE, { qty: 0 })).toEqual([
      "the value must have required property 'sku'",
      '/qty must be >= 1',
    ])
    expect(await reasonsFor(LINE, 'text')).toEqual(['the value must be object'])
  })

  it('knows the formats of JSON Schema', async () => {
    const schema = { properties: { at: { format: 'date-time' }, id: { format: 'uuid' }, to: { format: 'email' } } }
    const good = { at: '2026-01-02T03:04:05Z', id: '123e4567-e89b-12d3-a456-426614174000', to: 'a@example.org' }
    expect(await reasonsFor(schema, good)).toEqual([])
    expect(await reasonsFor(schema, { at: 'noon', id: '1', to: '@' })).toHaveLength(3)
  })

  it('asks for fields of the record, not for what every object has (CF-10)', async () => {
    const schema = { required: ['toString', '__proto__'] }
    expect(await reasonsFor(schema, {})).toHaveLength(2)
    expect(await reasonsFor(schema, JSON.parse('{"toString":1,"__proto__":2}') as Json)).toEqual([])
  })

  it('tells equal items from others as JSON does, also in a list of any length', async () => {
    const unique = { uniqueItems: true }
    const different = [1, '1', [1], { a: 1 }, { a: [1] }, [['a', 1]], { map: [['a', 1]] }, null, 'null', [], {}]
    expect(await reasonsFor(unique, different)).toEqual([])
    expect(
      await reasonsFor(unique, [
        { a: 1, b: [{ c: 2, d: 3 }] },
        { b: [{ d: 3, c: 2 }], a: 1 },
      ]),
    ).toHaveLength(1)
    const many = Array.from({ length: 100_000 }, (_, n) => ({ n }))
    expect(await reasonsFor(unique, many)).toEqual([])
    expect(await reasonsFor(unique, [...many, { n: 7 }])).toEqual(['the value must NOT have duplicate items'])
  })
})

describe('the reasons', () => {
  it('name places and rules, and no data but the names on the way', async () => {
    const secret = 'hunter2'
    const schema = {
      properties: {
        a: { const: 1 },
        b: { enum: ['x'] },
        c: { pattern: '^x$' },
        d: { maxLength: 2 },
        e: { format: 'date' },
        f: { items: { type: 'number' } },
        g: { anyOf: [{ type: 'number' }, { multipleOf: 2, type: 'integer' }] },
        h: { uniqueItems: true },
      },
    }
    const value = Object.fromEntries([...'abcde'].map((name) => [name, secret]))
    const reasons = await reasonsFor(schema, { ...value, f: [1, secret], g: secret, h: [secret, secret] })
    expect(reasons.join()).not.toContain(secret)
    expect(reasons).toContain('/f/1 must be number')
    expect(reasons.length).toBeGreaterThan(7)
  })

  it('are few and short, however much is wrong', async () => {
    const schema = { items: { type: 'string' }, additionalProperties: false }
    const many = await reasonsFor(
      schema,
      Array.from({ length: 5000 }, (_, n) => n),
    )
    expect(many).toHaveLength(11)
    expect(many.at(-1)).toBe('and more')
    const [long] = await reasonsFor(schema, { ['x'.repeat(1e6)]: 1 })
    expect(long?.length).toBeLessThan(300)
  })

  it('stop at the first for a large record, so that they take no room in proportion to it', async () => {
    const items = Array.from({ length: 200_000 }, (_, n) => n)
    expect(await reasonsFor({ items: { type: 'string' } }, items)).toEqual(['/0 must be string'])
  })

  it('make the names of a record visible, which may be anything', async () => {
    const schema = { additionalProperties: false }
    expect(await reasonsFor(schema, { 'a/b\n\u001b[2J': 1 })).toEqual(['/a~1b\\u000a\\u001b[2J is not allowed'])
    expect(await reasonsFor({ propertyNames: { maxLength: 1 } }, { ok: 1 })).toContain(
      'the name /ok must NOT have more than 1 characters',
    )
  })

  it('say so when a record is nested too deeply for the schema to follow', async () => {
    let deep: Json = 1
    for (let level = 0; level < 100_000; level++) deep = { in: deep }
    const run = await runProcessor(validate, { schema: { type: 'object', properties: { in: { $ref: '#' } } } }, [deep])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_INVALID'])
  })

  it('say so when a text is too long for a pattern to be judged in time', async () => {
    const run = await runProcessor(validate, { schema: { not: { pattern: 'a.*b.*c.*d' } } }, ['x'.repeat(1e6), 'short'])
    expect(run.values).toEqual(['short'])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_INVALID'])
  })
})

describe('the options of validate', () => {
  const storage = memoryStorage()
  const faultsFor = (options: { readonly [name: string]: Json }) =>
    faultsOf(validate, options, { storage, definitionFolder: '/pipeline' })

  it.each<[string, JsonObject, string]>([
    ['an unknown type', { properties: { a: { type: 'strin' } } }, 'schema/properties/a/type'],
    ['a rule of another type', { properties: { a: { minimum: 'one' } } }, 'schema/properties/a/minimum'],
    ['a rule that is misspelt', { properties: { a: { minimun: 1 } } }, 'schema'],
    ['an unknown format', { format: 'colour' }, 'schema'],
    ['a reference to nowhere', { $ref: '#/$defs/none' }, 'schema'],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, 'schema/$schema'],
    ['a pattern that is none', { pattern: '(' }, 'schema'],
    ['a pattern that could run for ever (J-2)', { pattern: '^(a+)+$' }, 'schema'],
  ])('are refused where the schema has %s', async (_, schema, place) => {
    const faults = await faultsFor({ schema })
    expect(faults.map(({ code, path }) => [code, path.join('/')])).toEqual([['SR_SCHEMA_INVALID', place]])
  })

  it('name one schema, here or in a file', async () => {
    expect(await faultsFor({})).toMatchObject([{ path: [], code: 'SR_MISSING_OPTION' }])
    expect(await faultsFor({ schema: {}, schema_file: 'x.json' })).toMatchObject([{ code: 'SR_OPTION_REFUSED' }])
  })

  it('name a file that is there, within the folder of the definition (CF-14), and holds a schema', async () => {
    await write(storage, '/pipeline/schemas/list.json', '[]')
    await write(storage, '/pipeline/schemas/cut.json', '{"type":')
    await write(storage, '/pipeline/schemas/bad.json', '{"type": "strin"}')
    await write(storage, '/elsewhere/good.json', '{}')
    const codeFor = async (file: string) =>
      (await faultsFor({ schema_file: file })).map(({ code, path }) => [code, ...path])
    expect(await codeFor('schemas/none.json')).toEqual([['SR_FILE_REFERENCE', 'schema_file']])
    expect(await codeFor('../elsewhere/good.json')).toEqual([['SR_FILE_REFERENCE', 'schema_file']])
    for (const file of ['list', 'cut', 'bad']) {
      expect(await codeFor(`schemas/${file}.json`)).toEqual([['SR_SCHEMA_INVALID', 'schema_file']])
    }
    expect(await codeFor('/elsewhere/good.json')).toEqual([])
  })
})

describe('a pipeline with a validate', () => {
  const yaml = (schema: string, sinks: string) => `
name: checked
sources: { in: { type: testing-list } }
processors:
  check:
    type: validate
    ${schema}
sinks:
  good: { type: testing-collect, from: check }
${sinks}`
  const start = async (text: string, storage = memoryStorage()) => {
    const [good, bad] = [collectingSink({ codec: 'json' }), collectingSink({ codec: 'json' })]
    const source = listSource(lines('{"n": 1.0}', '{"n":"two"}', '{ "n": 3 }'))
    const replace = { good: { plugin: good.plugin, codec: 'json' }, bad: { plugin: bad.plugin, codec: 'json' } }
    const run = await runPipeline(text, { storage, plugins: [source.plugin, good.plugin], replace })
    return { run, good, bad }
  }

  it('hands on the bytes that came, valid or not', async () => {
    const text = yaml(
      'schema: { properties: { n: { type: number } } }',
      '  bad: { type: testing-collect, from: check.invalid }',
    )
    const { run, good, bad } = await start(text)
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect({ good: good.texts, bad: bad.texts }).toEqual({ good: ['{"n": 1.0}', '{ "n": 3 }'], bad: ['{"n":"two"}'] })
  })

  it('keeps what is invalid in the dead letters when nobody reads it, with bytes and reasons', async () => {
    const storage = memoryStorage()
    await write(storage, '/pipeline/n.schema.json', '{"properties": {"n": {"type": "number"}}}')
    const { run, good } = await start(yaml('schema_file: n.schema.json', ''), storage)
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect(good.texts).toHaveLength(2)
    expect(await run.deadLetters()).toMatchObject([
      { component: 'check', code: 'SR_INVALID', message: '/n must be number', raw: '{"n":"two"}' },
    ])
  })

  it('is refused with the place of what is wrong in its schema', async () => {
    const text = yaml('schema: { properties: { n: { type: nummer } } }', '')
    await expect(start(text)).rejects.toThrow(/SR_SCHEMA_INVALID[\s\S]*:7:40[\s\S]*number, object[\s\S]*\^{6}/)
  })
})

async function reasonsFor(schema: JsonObject, value: Json): Promise<readonly string[]> {
  const run = await runProcessor(validate, { schema }, [value])
  const text = run.ports.get('invalid')?.map(({ headers }) => headerText(headers, 'reasons'))[0]
  return text === undefined ? [] : text.split('; ')
}

async function write(storage: ReturnType<typeof memoryStorage>, path: string, text: string): Promise<void> {
  await storage.makeFolder(path.slice(0, path.lastIndexOf('/')))
  const file = await storage.open(path, 'ensure')
  await file.write([Buffer.from(text)], 0)
  await file.close()
}
