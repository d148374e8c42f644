import { describeSource, type SourceFixture } from '../../../test/contract/index.ts'
import faker from './index.ts'

const COUNT = 700
const numbers = Array.from({ length: COUNT }, (_, n) => n)

const counted: SourceFixture = {
  plugin: faker,
  prepare: () => ({
    options: { seed: 1, count: COUNT, fields: { id: { sequence: { start: 0 } }, kind: { value: 'order' } } },
    broken: { seed: 1, count: COUNT, locale: 'none', fields: { id: { value: 1 } } },
    records: [numbers.map((id) => ({ id, kind: 'order' }))],
  }),
}

describeSource('faker', counted)

describeSource('faker, with expressions that need the interpreter', {
  plugin: faker,
  prepare: () => ({
    options: {
      seed: 1,
      count: COUNT,
      fields: { id: { sequence: { start: 0 } }, text: { expression: '$string($floor(id / 2)) & "!"' } },
    },
    records: [numbers.map((id) => ({ id, text: `${Math.floor(id / 2)}!` }))],
  }),
})

describeSource('faker, with records that cannot be made', {
  plugin: faker,
  prepare: () => ({
    options: {
      seed: 1,
      count: COUNT,
      fields: { id: { sequence: { start: 0 } }, even: { expression: 'id % 100 = 7 ? $error("no") : true' } },
    },
    records: [numbers.filter((id) => id % 100 !== 7).map((id) => ({ id, even: true }))],
    failed: Array.from({ length: 7 }, () => 'SR_EXPRESSION_FAILED'),
  }),
})
