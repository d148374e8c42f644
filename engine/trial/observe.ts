import type { Clock } from '../clock.ts'
import type { ProcessorComponent } from '../config/definition.ts'
import type { Expression } from '../expression/index.ts'
import type { Output, Processor, ProcessorContext } from '../plugin.ts'
import { descendsFrom, type Json, type StreamRecord } from '../record.ts'

/** What a processor did, watched from outside. */
export class Observation {
  /** A few records with what became of them: changed, dropped, failed. */
  readonly examples: Example[] = []
  /** By the text of the expression. */
  readonly costs = new Map<string, Cost>()

  /** At most this many of each kind. */
  wants(kind: Example['kind']): boolean {
    return this.examples.filter((one) => one.kind === kind).length < MOST_EXAMPLES
  }
}

const MOST_EXAMPLES = 2

export type Example =
  | { readonly kind: 'changed'; readonly before: Json; readonly after: readonly Emitted[] }
  | { readonly kind: 'dropped'; readonly before: Json }
  | { readonly kind: 'failed'; readonly before: Json; readonly reason: string }
  /** It came of no single record: a window, an alert. */
  | { readonly kind: 'made'; readonly after: readonly Emitted[] }

export interface Emitted {
  readonly port: string | undefined
  readonly value: Json
}

export interface Cost {
  evaluations: number
  /** Of all but the first one, which is not like the others. */
  milliseconds: number
}

/** `component`, watched: it does what it did. */
export function observed(component: ProcessorComponent, seen: Observation, clock: Clock): ProcessorComponent {
  const { plugin } = component
  const open = async (options: never, context: ProcessorContext): Promise<Processor> => {
    const expression = (text: string) => timed(context.expression(text), seen, clock)
    return watched(await plugin.open(options, { ...context, expression }), seen)
  }
  return { ...component, plugin: { ...plugin, open } }
}

function timed(expression: Expression, seen: Observation, clock: Clock): Expression {
  const cost: Cost = seen.costs.get(expression.text) ?? { evaluations: 0, milliseconds: 0 }
  seen.costs.set(expression.text, cost)
  return {
    ...expression,
    evaluate(record) {
      cost.evaluations += 1
      const from = clock.monotonic()
      const isFirst = cost.evaluations === 1
      const done = <T>(result: T): T => {
        if (!isFirst) cost.milliseconds += clock.monotonic() - from
        return result
      }
      const result = expression.evaluate(record)
      return result instanceof Promise ? result.then(done) : done(result)
    },
  }
}

function watched(processor: Processor, seen: Observation): Processor {
  const { wake } = processor
  return {
    ...processor,
    process(batch, out) {
      const watching = new Watch(batch.records, out)
      const answer = processor.process(batch, watching)
      if (!(answer instanceof Promise)) {
        watching.report(seen)
        return answer
      }
      return answer.then((said) => {
        watching.report(seen)
        return said
      })
    },
    ...(wake === undefined
      ? {}
      : {
          async wake(time, out) {
            const watching = new Watch([], out)
            const answer = await wake.call(processor, time, watching)
            watching.report(seen)
            return answer
          },
        }),
  }
}

/** Looks at what leaves during one call. */
class Watch implements Output {
  readonly #input: readonly StreamRecord[]
  readonly #out: Output
  readonly #emitted: { readonly record: StreamRecord; readonly port: string | undefined }[] = []
  readonly #failed = new Map<StreamRecord, string>()

  constructor(input: readonly StreamRecord[], out: Output) {
    this.#input = input
    this.#out = out
  }

  get full(): boolean {
    return this.#out.full
  }

  watermark(record: StreamRecord): number {
    return this.#out.watermark(record)
  }

  emit(...[record, port, reason]: Parameters<Output['emit']>): void {
    this.#emitted.push({ record, port })
    this.#out.emit(record, port, reason)
  }

  fail(...[record, error]: Parameters<Output['fail']>): void {
    this.#failed.set(record, `${error.code}: ${error.message}`)
    this.#out.fail(record, error)
  }

  report(seen: Observation): void {
    const taken = new Set<StreamRecord>()
    for (const record of this.#input) {
      const came = this.#emitted.filter((one) => descendsFrom(one.record, record))
      for (const one of came) taken.add(one.record)
      const example = exampleOf(record, came, this.#failed.get(record))
      if (example !== undefined && seen.wants(example.kind)) seen.examples.push(example)
    }
    const made = this.#emitted.filter(({ record }) => !taken.has(record))
    if (made.length > 0 && seen.wants('made'))
      seen.examples.push({ kind: 'made', after: made.slice(0, 3).map(emittedOf) })
  }
}

function exampleOf(
  record: StreamRecord,
  came: Parameters<typeof emittedOf>[0][],
  reason?: string,
): Example | undefined {
  if (reason !== undefined) return { kind: 'failed', before: record.value, reason }
  if (came.length === 0) return { kind: 'dropped', before: record.value }
  const isSame = came.every((one) => one.record === record && one.port === undefined)
  return isSame ? undefined : { kind: 'changed', before: record.value, after: came.map(emittedOf) }
}

function emittedOf({ record, port }: { readonly record: StreamRecord; readonly port: string | undefined }): Emitted {
  return { port, value: record.value }
}
