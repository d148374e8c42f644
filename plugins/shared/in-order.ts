/**
 * Visits the items one after the other. Nothing is awaited, and no promise is made, before a visit gives one; from
 * then on each item waits for the one before it, so that the order is kept either way.
 */
export function inOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => void | Promise<void>,
): void | Promise<void> {
  for (let index = 0; index < items.length; index++) {
    const pending = visit(items[index] as T, index)
    if (pending !== undefined) return goOn(pending, items, index + 1, visit)
  }
  return undefined
}

async function goOn<T>(
  pending: Promise<void>,
  items: readonly T[],
  from: number,
  visit: (item: T, index: number) => void | Promise<void>,
): Promise<void> {
  await pending
  for (let index = from; index < items.length; index++) {
    const next = visit(items[index] as T, index)
    if (next !== undefined) await next
  }
}
