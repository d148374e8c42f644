import { RecordError } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import { isTrue } from '../expression/truth.ts'
import { formatCount } from '../observe/summary.ts'
import type { Json, StreamRecord } from '../record.ts'
import { compileArgument } from './expression.ts'

/** The condition of `--where`; without one, every record meets it. */
export class Where {
  readonly #expression: Expression | undefined
  #failed = 0
  #first = ''

  constructor(text: string | undefined, environment: Readonly<Record<string, string>>) {
    this.#expression = text === undefined ? undefined : compileArgument('--where', text, environment)
  }

  /** A promise only when it must be. A record on which it fails does not meet it. */
  accepts(record: StreamRecord): boolean | Promise<boolean> {
    if (this.#expression === undefined) return true
    try {
      const result = this.#expression.evaluate(record)
      return result instanceof Promise ? this.#settle(result, record) : isTrue(result)
    } catch (error) {
      return this.#fail(error, record)
    }
  }

  /** What to say in the end; undefined when it failed on none. */
  get failure(): string | undefined {
    if (this.#failed === 0) return undefined
    const records = this.#failed === 1 ? '1 record' : `${formatCount(this.#failed)} records`
    return `--where failed on ${records}, which ${this.#failed === 1 ? 'is' : 'are'} not shown; the first: ${this.#first}`
  }

  async #settle(result: Promise<Json | undefined>, record: StreamRecord): Promise<boolean> {
    try {
      return isTrue(await result)
    } catch (error) {
      return this.#fail(error, record)
    }
  }

  #fail(error: unknown, { origin }: StreamRecord): boolean {
    if (!(error instanceof RecordError)) throw error
    if (this.#failed === 0) {
      this.#first = `${origin.partition} ${JSON.stringify(origin.position)}: ${error.code} ${error.message}`
    }
    this.#failed += 1
    return false
  }
}
