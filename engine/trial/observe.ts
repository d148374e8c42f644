import type { Clock } from '../clock.ts'
import type { ProcessorComponent } from '../config/definition.ts'
import type { Expression } from '../expression/index.ts'
import type { Metrics, Processor, ProcessorContext } from '../plugin.ts'
import type { Json } from '../record.ts'
import { watched } from './watched.ts'

/** What a processor did, watched from outside. */
export class Observation {
  /** A few records with what became of them: changed, dropped, kept, failed. */
  readonly examples: Example[] = []
  /** Records that nothing came of yet: they are in the state. */
  kept = 0
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
  /** It is in the state: what comes of it comes later, as `made`. */
  | { readonly kind: 'kept'; readonly before: Json }
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
    const expression: ProcessorContext['expression'] = (text, how) => timed(context.expression(text, how), seen, clock)
    const drops = { count: 0 }
    const metrics = countingDrops(context.metrics, drops)
    const processor = await plugin.open(options, { ...context, expression, metrics })
    return watched(processor, { seen, drops, canKeep: plugin.keeps !== 'nothing' })
  }
  return { ...component, plugin: { ...plugin, open } }
}

function countingDrops(metrics: Metrics, drops: { count: number }): Metrics {
  return {
    count(name, by = 1) {
      if (name === 'dropped') drops.count += by
      metrics.count(name, by)
    },
    gauge: (name, value) => metrics.gauge(name, value),
  }
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
