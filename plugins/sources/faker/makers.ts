import { type Expression, type Json, messageOf, RecordError, type Template } from '../../../engine/plugin.ts'
import type { GeneratedRecord } from './generated-record.ts'
import { type Method, type Methods, toJson } from './methods.ts'
import type { Generator, NowForm, SequenceOptions } from './options.ts'
import { formatterOf } from './sequence-format.ts'

/** A value, or nothing; a promise only where an expression needs one. */
export type Made = Json | undefined | Promise<Json | undefined>

/** Makes one value; the stream of numbers of its field has been started. */
export type Maker = (record: GeneratedRecord) => Made

/** What makers are compiled with. */
export interface Tools {
  readonly methods: Methods
  expression(text: string): Expression
  template(text: string): Template
}

/** The maker of a single value; the generator was checked. `place` is where it stands, for messages. */
export function makerOf(generator: Generator, place: string, tools: Tools): Maker {
  const { faker, args = [], choice, weighted, sequence, now, expression, template, value } = generator
  if (faker !== undefined) return fakerMaker(place, faker, args, tools.methods)
  if (choice !== undefined) return ({ workplace }) => choice[Math.floor(workplace.random.next() * choice.length)]
  if (weighted !== undefined) return weightedMaker(weighted)
  if (sequence !== undefined) return sequenceMaker(sequence)
  if (now !== undefined) return ({ timestamp }) => NOW[now](timestamp)
  if (expression !== undefined) return expressionMaker(tools.expression(expression))
  if (template !== undefined) {
    const compiled = tools.template(template)
    return (record) => compiled.render(record)
  }
  return () => value
}

function fakerMaker(place: string, path: string, args: readonly Json[], methods: Methods): Maker {
  const method = methods.get(path) as Method
  const given = structuredClone(args)
  return () => {
    try {
      return toJson(method(...given))
    } catch (cause) {
      throw new RecordError('SR_GENERATE_FAILED', `${place}: faker ${path}: ${messageOf(cause)}`, { cause })
    }
  }
}

function weightedMaker(weighted: ReadonlyMap<string, number>): Maker {
  const texts = [...weighted.keys()]
  let sum = 0
  const bounds = [...weighted.values()].map((weight) => {
    sum += weight
    return sum
  })
  return ({ workplace }) => {
    const drawn = workplace.random.next() * sum
    return texts[bounds.findIndex((bound) => drawn < bound)]
  }
}

function sequenceMaker({ start, step, format }: SequenceOptions): Maker {
  const written = format === undefined ? undefined : formatterOf(format)
  if (written === undefined) return ({ n }) => start + n * step
  return ({ n }) => written(start + n * step)
}

const NOW: Readonly<Record<NowForm, (time: number) => Json>> = {
  iso: (time) => new Date(time).toISOString(),
  'epoch-ms': (time) => time,
  'epoch-s': (time) => time / 1000,
}

/** A copy, as an object that came out of the record would stand in itself. */
function expressionMaker(expression: Expression): Maker {
  return (record) => {
    const result = expression.evaluate(record)
    return typeof result !== 'object' || result instanceof Promise ? result : copied(result)
  }
}

function copied(value: Json): Json {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value
}
