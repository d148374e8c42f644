import { expect, test } from 'vitest'
import { loadDefinition } from '../../../engine/config/load.ts'
import { builtinRegistry } from '../../../engine/registry/index.ts'
import { memoryStorage } from '../../../test/contract/index.ts'

const FIELDS = JSON.stringify({
  id: { sequence: {} },
  shop: { object: { name: { value: 'a' } } },
  coupon: { value: 'A1', optional: 0.5 },
  hidden: { value: 1, hidden: true },
  total: { expression: 'hidden + $count(shop.*)' },
})

/** The faults of a pipeline behind a source with these fields, each as its place and its message. */
async function faultsOf(behind: string, source = `{ type: faker, broken: 0.1, fields: ${FIELDS} }`): Promise<string[]> {
  const yaml = `sources:\n  made: ${source}\n${behind}`
  const loaded = await loadDefinition('/p/made.yaml', {
    storage: memoryStorage(),
    environment: {},
    registry: builtinRegistry(),
    readText: async () => yaml,
  })
  return loaded.kind === 'ok' ? [] : loaded.faults.map(({ path, message }) => `${path}: ${message}`)
}

const OUT = 'sinks: { out: { type: stdout } }'
const filter = (where: string) => `processors: { f: { type: filter, where: '${where}' } }\n${OUT}`

test.each([
  'id > 1 and shop.name = "a" and coupon and total',
  'shop.nam = "a"',
  '$exists(cupon) or (cupon ?? 1) = 1',
  '*.name or **.nmae or $lookup($, "nmae") or $$.nmae',
  '$key = "a" or $headers.x or $origin.component or $env.X',
  '($s := shop; $s.nmae)',
  'shop[nmae = 1]',
  '$filter([1, 2], function($one) { $one.nmae })',
])('nothing is said where a field may be there: %s', async (where) => {
  expect(await faultsOf(filter(where))).toEqual([])
})

test.each([
  ['a set', "{ type: jsonata, set: { nmae: '1' } }"],
  ['an expression', '{ type: jsonata, expression: shop }'],
  ['a window', '{ type: window, every: 1s, aggregate: { nmae: $count($) } }'],
  ['a mark', '{ type: anomaly, mark: nmae, rules: [{ name: many, condition: id > 1 }] }'],
])('nothing is said behind what changes records: %s', async (_, changing) => {
  const alerts = changing.includes('anomaly')
    ? '{ out: { type: stdout }, a: { type: stdout, from: c.alerts } }'
    : '{ out: { type: stdout } }'
  expect(
    await faultsOf(`processors: { c: ${changing}, f: { type: filter, where: nmae = 1 } }\nsinks: ${alerts}`),
  ).toEqual([])
})

test('nothing is said where one of several inputs is not known, or may be another', async () => {
  const csv = `{ type: faker, fields: ${FIELDS} }\n  rows: { type: csv, path: a.csv, columns: { nmae: string } }`
  expect(await faultsOf(filter('nmae = 1'), csv)).toEqual([])
  const [only, ...more] = await faultsOf(`channels: { c: { type: memory, from: maed } }\n${filter('nmae = 1')}`)
  expect([only, more]).toEqual(['channels.c.from: there is no component "maed"', []])
})

test('what two sources make together is known', async () => {
  const two = `{ type: faker, fields: ${FIELDS} }\n  more: { type: faker, fields: { name: { value: 1 } } }`
  expect(await faultsOf(filter('name = 1 and id = 1'), two)).toEqual([])
  expect(await faultsOf(filter('nmae = 1'), two)).toEqual(['processors.f.where: there can be no field "nmae" here'])
})

test.each([
  '{ type: filter, where: "true" }',
  '{ type: dedupe, by: id, within: 1m }',
  '{ type: sort }',
  '{ type: throttle, records: 1, every: 1s, by: id }',
  '{ type: sample, share: 0.5 }',
  '{ type: validate, schema: {} }',
])('what comes out of %s has the fields that went in', async (between) => {
  const behind = `channels: { disk: { type: file } }\nprocessors: { b: ${between}, f: { type: filter, where: nmae = 1 } }\n${OUT}`
  expect(await faultsOf(behind)).toEqual(['processors.f.where: there can be no field "nmae" here'])
})

test('what comes out of the ports of route has them, too', async () => {
  const behind = `processors: { r: { type: route, cases: { a: nmae = 1, b: id = 1 }, otherwise: drop } }
sinks: { a: { type: file, from: r.a, path: 'a/{nmae}' }, b: { type: stdout, from: r.b, format: table, columns: [id, nmae] } }`
  expect(await faultsOf(behind)).toEqual([
    'processors.r.cases.a: there can be no field "nmae" here',
    'sinks.a.path: there can be no field "nmae" here',
    'sinks.b.columns[1]: there can be no field "nmae" here',
  ])
})
