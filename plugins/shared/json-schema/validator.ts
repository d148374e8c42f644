import type { Ajv2020, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js'
import { type Json, type JsonObject, judgeRegex, messageOf, RecordError } from '../../../engine/plugin.ts'
import { type Reason, reasonText } from './reason.ts'
import { areUnique } from './unique.ts'

/** A compiled JSON Schema. */
export interface Validator {
  /**
   * What is wrong with a value, in a few short sentences that name places and rules and quote no data; none when it
   * meets the schema. Throws `RecordError` for what cannot be judged.
   */
  reasonsAgainst(value: Json): readonly string[]
}

/** What is wrong with a schema, and where in it. */
export class SchemaError extends Error {
  readonly place: readonly string[]

  constructor(message: string, place: readonly string[]) {
    super(message)
    this.place = place
  }
}

/** Throws `SchemaError`, or what ajv throws for a schema that it cannot compile. */
export async function createValidator(given: JsonObject): Promise<Validator> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const { default: formats } = await import('ajv-formats')
  // The maps of a definition have no prototype, which ajv relies on.
  const schema = JSON.parse(JSON.stringify(given)) as JsonObject
  const make = (options: Options) => withUnique(formats.default(new Ajv2020({ ...STRICT, ...options })))
  const ajv = make({ allErrors: false })
  refuseBroken(ajv, schema)
  const stopsAtFirst = ajv.compile(schema)
  let findsAll: ValidateFunction | undefined
  return {
    reasonsAgainst: (value) =>
      judged(() => {
        if (stopsAtFirst(value)) return []
        if (!isSmall(value)) return textsOf(stopsAtFirst.errors ?? [])
        findsAll ??= make({ allErrors: true }).compile(schema)
        return findsAll(value) ? [] : textsOf(findsAll.errors ?? [])
      }),
  }
}

/** A keyword or a format that nobody knows is a misspelt one, and would pass everything. */
const STRICT: Options = {
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // `required: [toString]` asks for a field of the record, not for what every object has (CF-10).
  ownProperties: true,
  logger: false,
  code: { regExp: Object.assign(safePattern, { code: 'safePattern' }) },
}

/** Patterns meet data: one that could run for ever is refused with the schema (J-2). */
function safePattern(pattern: string, flags: string) {
  const regex = new RegExp(pattern, flags)
  const verdict = judgeRegex(regex)
  if ('fault' in verdict) throw new Error(`the pattern ${pattern} is refused: ${verdict.fault}`)
  return {
    test(text: string) {
      if (text.length <= verdict.maxText) return regex.test(text)
      throw new RecordError('SR_INVALID', `a text is too long for the pattern ${pattern}`)
    },
    toString: () => String(regex),
  }
}

/** Ajv compares each item with each other one, which for a long list takes for ever. */
function withUnique(ajv: Ajv2020): Ajv2020 {
  ajv.removeKeyword('uniqueItems')
  return ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (wanted: boolean, items: readonly Json[]) => !wanted || areUnique(items),
  })
}

function refuseBroken(ajv: Ajv2020, schema: JsonObject): void {
  const { $schema: draft } = schema
  if (draft !== undefined && !/^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(String(draft))) {
    throw new SchemaError('only draft 2020-12 of JSON Schema is understood', ['$schema'])
  }
  if (ajv.validateSchema(schema)) return
  // A wrong word breaks the rules around it too: what is deepest is what was written wrong.
  const errors = [...(ajv.errors ?? [])].sort((a, b) => b.instancePath.length - a.instancePath.length)
  const { instancePath = '', message = 'is not valid', params = {} } = errors[0] ?? {}
  const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : ''
  const place = instancePath.split('/').slice(1).map(unescaped)
  throw new SchemaError(`${instancePath || 'the schema'} ${message}${allowed}`, place)
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A schema that refers to itself goes as deep as the record. */
function judged<T>(judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RecordError('SR_INVALID', `it cannot be judged: ${messageOf(error)}`, { cause: error })
  }
}

/** To find all that is wrong takes room in proportion to the value (I-6). */
function isSmall(value: Json): boolean {
  const waiting: Json[] = [value]
  let seen = 0
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    seen += 1
    if (typeof one !== 'object' || one === null) continue
    const inner: readonly Json[] = Array.isArray(one) ? one : Object.values(one)
    if (seen + waiting.length + inner.length > SMALL_VALUES) return false
    waiting.push(...inner)
  }
  return true
}

const SMALL_VALUES = 10_000
const MOST_REASONS = 10

function textsOf(errors: readonly ErrorObject[]): string[] {
  const texts = [...new Set(errors.map((error) => reasonText(error as Reason)))]
  return texts.length > MOST_REASONS ? [...texts.slice(0, MOST_REASONS), 'and more'] : texts
}
