import { type Json, type OptionValues, option } from '../../../engine/plugin.ts'

/** How one value is made: exactly one of the first ten is given, and `args` and `of` belong to one of them. */
export interface Generator {
  readonly faker: string | undefined
  readonly choice: readonly Json[] | undefined
  readonly weighted: ReadonlyMap<string, number> | undefined
  readonly pool: number | undefined
  readonly sequence: SequenceOptions | undefined
  readonly now: NowForm | undefined
  readonly expression: string | undefined
  readonly template: string | undefined
  readonly object: Fields | undefined
  readonly value: Json | undefined
  readonly args: readonly Json[] | undefined
  readonly of: Generator | undefined
  readonly optional: number
  readonly hidden: boolean
}

export type Fields = ReadonlyMap<string, Generator>

export interface SequenceOptions {
  readonly start: number
  readonly step: number
  readonly format: string | undefined
}

const NOW_FORMS = ['iso', 'epoch-ms', 'epoch-s'] as const
export type NowForm = (typeof NOW_FORMS)[number]

const sequence = option.group(
  {
    start: option.integer({ description: 'The number of the first record.', default: 1, examples: [10_001] }),
    step: option.integer({ description: 'What each record adds.', default: 1, examples: [10] }),
    format: option.optional(
      option.text({
        description:
          'Makes the number a text: `%d` stands for it, `%05d` for it with zeros in front up to 5 digits, `%%` for `%`. Left out: it stays a number.',
        examples: ['CUST_%05d'],
      }),
    ),
  },
  { description: 'Numbers that count up with the records, or inside a pool with its members.' },
)

const generator = option.recursive<Generator>('faker-generator', (self) =>
  option.group(
    {
      faker: option.optional(
        option.text({
          description: 'A method of faker by its path; https://fakerjs.dev/api lists them.',
          examples: ['commerce.productName', 'internet.email'],
        }),
      ),
      args: option.optional(
        option.list(option.value({ description: 'An argument.' }), {
          description: 'What the method of `faker` is called with.',
          examples: [[{ min: 1, max: 5 }]],
        }),
      ),
      choice: option.optional(
        option.list(option.value({ description: 'A value.' }), {
          description: 'One of these values, each as often as the others.',
          examples: [['android', 'ios']],
        }),
      ),
      weighted: option.optional(
        option.map(option.number({ description: 'How often, beside the others.', minimum: 0 }), {
          description: 'One of these texts, as often as its number says in proportion to the others.',
          examples: [{ low: 5, high: 1 }],
        }),
      ),
      pool: option.optional(
        option.integer({
          description:
            'One out of a pool of so many values, which `of` makes and which are kept in memory: users who come again, products of one shop.',
          minimum: 1,
          maximum: 1_000_000,
          examples: [500],
        }),
      ),
      of: option.optional(
        self({
          description: 'How each value of the `pool` is made.',
          examples: [{ faker: 'string.uuid' }],
        }),
      ),
      sequence: option.optional(sequence),
      now: option.optional(
        option.choice(NOW_FORMS, {
          description:
            'The time at which the record is made: `iso` text in UTC, `epoch-ms` whole milliseconds, `epoch-s` seconds with a fraction. A restart does not repeat it.',
        }),
      ),
      expression: option.optional(
        option.expression({
          description:
            'JSONata over the fields so far, of the whole record or inside a pool of the member; a field for which it yields nothing is missing.',
          examples: ['$round(quantity * unit_price, 2)'],
        }),
      ),
      template: option.optional(
        option.template({
          description: 'Text with expressions over the fields so far in braces.',
          examples: ['{first_name} {last_name}'],
        }),
      ),
      object: option.optional(
        option.map(self({ description: 'How the field is made.' }), {
          description: 'An object with fields of its own.',
          examples: [{ city: { faker: 'location.city' } }],
        }),
      ),
      value: option.optional(option.value({ description: 'Always this value.', examples: ['EUR', 1, ['a', 'b']] })),
      optional: option.number({
        description: 'The share of records in which the field is missing, from 0 to 1.',
        default: 0,
        minimum: 0,
        maximum: 1,
        examples: [0.05],
      }),
      hidden: option.boolean({
        description: 'true: the field is there for the expressions and templates that follow, but not in the record.',
        default: false,
      }),
    },
    { description: 'How the field is made.' },
  ),
)

/** With the fields that examples of other plugins ask for, so that a first pipeline of both is whole. */
const SHOP = {
  event_id: { faker: 'string.uuid' },
  event_type: { weighted: { view: 3, purchase: 1 } },
  user_id: { pool: 500, of: { faker: 'string.uuid' } },
  country: { faker: 'location.countryCode' },
  order_id: { sequence: {} },
  product: { faker: 'commerce.productName' },
  price: { faker: 'number.float', args: [{ min: 1, max: 150, fractionDigits: 2 }] },
  quantity: { faker: 'number.int', args: [{ min: 1, max: 5 }] },
  amount: { expression: 'price * quantity' },
  bucket: { expression: 'price < 20 ? "low" : price < 100 ? "medium" : "high"' },
}

export const options = {
  fields: option.map(generator, {
    description: 'The fields of each record, made in this order, and how each of them is made.',
    examples: [SHOP],
  }),
  count: option.optional(
    option.integer({
      description: 'The input ends after so many records, restarts included. Left out: it never ends.',
      minimum: 1,
      examples: [1000],
    }),
  ),
  duration: option.optional(
    option.duration({
      description: 'The input ends when it has run for so long; each start counts anew. Left out: it never ends.',
      positive: true,
      examples: ['10m'],
    }),
  ),
  rate: option.optional(
    option.number({
      description:
        'Records per second. What a pause kept back is not caught up. Left out: as many as the rest of the pipeline takes.',
      minimum: 0,
      examples: [5, 0.2],
      starter: true,
    }),
  ),
  seed: option.optional(
    option.integer({
      description:
        'The same seed gives the same records. Left out: drawn once and kept with the position, so that a restart goes on with it.',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      examples: [42],
    }),
  ),
  locale: option.text({
    description: 'The language and country of names, addresses and the like, as faker writes them.',
    default: 'en',
    examples: ['de', 'pt_BR'],
  }),
  broken: option.number({
    description:
      'The share of records that are cut off in the middle of their JSON, from 0 to 1, for trying out how a pipeline handles broken lines.',
    default: 0,
    minimum: 0,
    maximum: 1,
    examples: [0.001],
  }),
}

export type FakerOptions = OptionValues<typeof options>
