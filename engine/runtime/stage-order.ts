import type { Processor } from '../plugin.ts'
import type { Target } from '../topology/graph.ts'

/** A processor of a pump in graph order, and how time comes to it. */
export interface OrderedStage {
  readonly name: string
  /** Milliseconds that those before it may hold records back. */
  readonly lag: number
  /** Records of one batch come to it by more than one way. */
  readonly gathers: boolean
}

export interface StageOrder {
  /** Each behind all that it reads. */
  readonly stages: readonly OrderedStage[]
  /** Of what else records go to from here: queues, durable channels, sinks. */
  readonly lags: ReadonlyMap<string, number>
}

interface Wired {
  readonly processor: Processor
  readonly outputs: ReadonlyMap<string | undefined, readonly Target[]>
}

/** `inputs`: where each input of the pump leads. */
export function orderStages(
  processors: ReadonlyMap<string, Wired>,
  inputs: readonly (readonly Target[])[],
): StageOrder {
  const names = graphOrder(processors)
  const lags = new Map<string, number>()
  const ways = new Map<string, number>()
  const leads = (targets: readonly Target[], lag: number, more: number) => {
    for (const { name } of targets) {
      lags.set(name, Math.max(lags.get(name) ?? 0, lag))
      ways.set(name, (ways.get(name) ?? 0) + more)
    }
  }
  // Inputs come one at a time: together they are one way.
  for (const targets of inputs) leads(targets, 0, 0)
  for (const target of new Set(inputs.flat().map(({ name }) => name))) ways.set(target, 1)
  const stages = names.map((name): OrderedStage => {
    const { processor, outputs } = processors.get(name) as Wired
    const lag = lags.get(name) ?? 0
    for (const targets of outputs.values()) leads(targets, lag + (processor.delay ?? 0), 1)
    return { name, lag, gathers: (ways.get(name) ?? 0) > 1 }
  })
  return { stages, lags }
}

/** There are no circles: the wiring was checked. */
function graphOrder(processors: ReadonlyMap<string, Wired>): string[] {
  const placed = new Set<string>()
  const order: string[] = []
  const place = (name: string) => {
    const wired = processors.get(name)
    if (wired === undefined || placed.has(name)) return
    placed.add(name)
    for (const { name: next } of [...wired.outputs.values()].flat()) place(next)
    order.unshift(name)
  }
  for (const name of [...processors.keys()].reverse()) place(name)
  return order
}
