import type { Random } from '../../random.ts'
import type { FunctionTable } from '../functions.ts'

/** JSONata's own functions of chance, which draw from `random` instead of from `Math.random`. */
export function chanceFunctions(random: Random): FunctionTable {
  return {
    random: { signature: '<:n>', implementation: () => random.next() },
    shuffle: { signature: '<a:a>', implementation: (items?: readonly unknown[]) => shuffled(items, random) },
  }
}

/** As in the package: the inside-out variant of Fisher and Yates. */
function shuffled(items: readonly unknown[] | undefined, random: Random): readonly unknown[] | undefined {
  if (items === undefined || items.length <= 1) return items
  const order: unknown[] = []
  for (const [index, item] of items.entries()) {
    const place = Math.floor(random.next() * (index + 1))
    order[index] = order[place]
    order[place] = item
  }
  return order
}
