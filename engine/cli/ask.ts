import { createInterface, type Interface } from 'node:readline/promises'
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
export async function askForParts(chosen: Chosen, registry: Registry, terminal: Terminal): Promise<Chosen> {
  const conversation = new Conversation(registry, terminal)
  const all = Object.keys(chosen).length === 0
  try {
    const [source = ''] = chosen.source === undefined ? await conversation.ask(SOURCE) : [chosen.source]
    const processor = all ? await conversation.ask(PROCESSORS) : (chosen.processor ?? [])
    const [sink = ''] = chosen.sink === undefined ? await conversation.ask(SINK) : [chosen.sink]
    return { ...chosen, source, processor, sink }
  } finally {
    conversation.end()
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

class Conversation {
  readonly #registry: Registry
  readonly #output: Writable
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  constructor(registry: Registry, { input, output }: Terminal) {
    this.#registry = registry
    this.#output = output
    this.#lines = createInterface({ input, output })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Again and again, until the answer is one that will do. */
  async ask(question: Question): Promise<readonly string[]> {
    this.#output.write(`\n${question.text}\n${await describeTypes(question.kind, this.#registry)}\n`)
    for (;;) {
      const words = wordsIn(await this.#nextAnswer(`${question.kind}: `))
      const refused = refusal(question, words, this.#registry)
      if (refused === undefined) return words
      this.#output.write(`${refused}\n`)
    }
  }

  end(): void {
    this.#lines.close()
  }

  /** Line by line, not with `question`, which would wait for ever when the terminal is closed. */
  async #nextAnswer(prompt: string): Promise<string> {
    this.#lines.setPrompt(prompt)
    this.#lines.prompt()
    const { value, done } = await this.#answers.next()
    if (done) throw new StreamrunError('SR_USAGE', 'not every question was answered; nothing was written')
    return value
  }
}

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
