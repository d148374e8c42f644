import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { StreamrunError } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import type { Registry } from '../registry/index.ts'
import { unknownWord } from './words.ts'

/** The types of the plugins of a first pipeline. */
export interface Chosen {
  readonly source?: string
  readonly channel?: string
  readonly processor?: readonly string[]
  readonly sink?: string
}

export interface Terminal {
  readonly input: Readable
  readonly output: Writable
}

/** Asks for what is not chosen yet: when nothing is, for everything; else only for what there must be. */
export async function askForParts(chosen: Chosen, registry: Registry, { input, output }: Terminal): Promise<Chosen> {
  const lines = createInterface({ input, output })
  const answers = lines[Symbol.asyncIterator]()
  const ask = async (question: Question) => {
    output.write(`\n${question.text}\n${await describeTypes(question.kind, registry)}\n`)
    for (;;) {
      lines.setPrompt(`${question.kind}: `)
      lines.prompt()
      const { value, done } = await answers.next()
      if (done) throw new StreamrunError('SR_USAGE', 'not every question was answered; nothing was written')
      const refused = refusal(question, wordsIn(value), registry)
      if (refused === undefined) return wordsIn(value)
      output.write(`${refused}\n`)
    }
  }
  const all = Object.keys(chosen).length === 0
  try {
    const source = chosen.source ?? (await ask(SOURCE))[0]
    const processor = all ? await ask(PROCESSORS) : (chosen.processor ?? [])
    const sink = chosen.sink ?? (await ask(SINK))[0]
    return {
      ...chosen,
      processor,
      ...(source === undefined ? {} : { source }),
      ...(sink === undefined ? {} : { sink }),
    }
  } finally {
    lines.close()
  }
}

interface Question {
  readonly kind: Plugin['kind']
  readonly text: string
  readonly least: number
  readonly most: number
}

const SOURCE: Question = { kind: 'source', text: 'Where do records come from?', least: 1, most: 1 }
const PROCESSORS: Question = {
  kind: 'processor',
  text: 'What filters or changes them? Several in their order, with commas between them; Enter for nothing.',
  least: 0,
  most: Number.POSITIVE_INFINITY,
}
const SINK: Question = { kind: 'sink', text: 'Where do they go?', least: 1, most: 1 }

async function describeTypes(kind: Plugin['kind'], registry: Registry): Promise<string> {
  const types = registry.names(kind)
  const width = Math.max(...types.map(({ length }) => length))
  const plugins = await Promise.all(types.map((type) => registry.load(kind, type)))
  return plugins.map(({ type, summary }) => `  ${type.padEnd(width)}  ${summary}`).join('\n')
}

function wordsIn(answer: string): string[] {
  return answer.split(/[\s,]+/).filter(Boolean)
}

/** Why the answer will not do, if so. */
function refusal({ kind, least, most }: Question, words: readonly string[], registry: Registry): string | undefined {
  const types = registry.names(kind)
  const unknown = words.find((word) => !types.includes(word))
  if (unknown !== undefined) return unknownWord(kind, unknown, types).message
  if (words.length < least) return `one of ${types.join(', ')}`
  return words.length > most ? 'only one' : undefined
}
