import {
  createCodec,
  type Failure,
  type Json,
  RecordError,
  type SourceContext,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { GeneratedRecord, type Workplace } from './generated-record.ts'
import { loadMethods } from './methods.ts'
import type { FakerOptions } from './options.ts'
import { compileFields, makeWhole, type Recipe } from './recipe.ts'
import { RecordRandom, saltOf } from './record-random.ts'

/** Makes records by their numbers, each of which depends on the seed and its number alone. */
export class Workshop {
  readonly #recipe: Recipe
  readonly #broken: number
  readonly #context: SourceContext
  readonly #workplace: Workplace

  /** The options were checked. */
  static async open(options: FakerOptions, context: SourceContext, seed: number): Promise<Workshop> {
    const random = new RecordRandom(seed)
    const methods = await loadMethods(options.locale, random)
    if (methods === undefined) throw new Error(`there is no locale ${options.locale}`)
    const tools = {
      methods,
      expression: (text: string) => context.expression(text, { random }),
      template: (text: string) => context.template(text, { random }),
    }
    return new Workshop(compileFields(options.fields, '', tools), options.broken, random, context)
  }

  private constructor(recipe: Recipe, broken: number, random: RecordRandom, context: SourceContext) {
    this.#recipe = recipe
    this.#broken = broken
    this.#context = context
    this.#workplace = { component: context.id, random }
  }

  /** Records `from` up to `from + count`. Those of which a field cannot be made are failures. */
  async make(from: number, count: number): Promise<{ records: StreamRecord[]; failed: Failure[] }> {
    const records: StreamRecord[] = []
    const failed: Failure[] = []
    for (let n = from; n < from + count; n++) {
      const record = new GeneratedRecord(n, this.#context.clock.now(), this.#workplace)
      try {
        const made = makeWhole(this.#recipe, record)
        // Awaited only where an expression needs it: a promise per record would cost more than most records.
        record.value = (made instanceof Promise ? await made : made) as Json
        if (this.#isBroken(n)) this.#break(record)
        records.push(record)
      } catch (error) {
        failed.push(failureOf(error, record))
      }
    }
    return { records, failed }
  }

  #isBroken(n: number): boolean {
    const { random } = this.#workplace
    if (this.#broken === 0) return false
    random.start(n, BROKEN)
    return random.next() < this.#broken
  }

  /** An object that is cut off anywhere is no JSON. Its bytes are what a sink writes; its value is their text. */
  #break(record: GeneratedRecord): void {
    const text = JSON_CODEC.encode(record.value)
    const rest = text.slice(0, 1 + Math.floor(this.#workplace.random.next() * (text.length - 1)))
    record.value = rest
    record.raw = Buffer.from(rest)
    record.format = JSON_CODEC.name
  }
}

/** No field has this name. */
const BROKEN = saltOf('\0broken')

const JSON_CODEC = createCodec('json')

/** No bytes were read that could be kept: the number says which record it would have been. */
function failureOf(error: unknown, { origin }: GeneratedRecord): Failure {
  if (!(error instanceof RecordError)) throw error
  return { error, raw: undefined, origin }
}
