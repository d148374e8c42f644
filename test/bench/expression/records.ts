/** An order of a shop, as expressions meet it. Fields with a question mark are missing in some. */
export interface Order {
  readonly id: number
  readonly type: string
  readonly status: string
  readonly created: number
  readonly timestamp: string
  readonly url: string
  readonly total: number
  readonly discount?: number
  readonly user: User
  readonly items: readonly Item[]
  readonly shipments: readonly Shipment[]
}

export interface User {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly country: string
  readonly active: boolean
  readonly address?: { readonly city: string; readonly zip?: string }
}

export interface Item {
  readonly sku: string
  readonly category: string
  readonly price: number
  readonly quantity: number
}

export interface Shipment {
  readonly city: string
  readonly items: readonly Item[]
}

/** The same every time. Text, as records come: parsed objects have the shapes that parsing gives them. */
export function makeRecords(count: number): readonly Order[] {
  const next = randomNumbers(1)
  return Array.from({ length: count }, (_, id) => JSON.parse(JSON.stringify(makeOrder(id, next))))
}

type Next = (below: number) => number

function makeOrder(id: number, next: Next): Order {
  const created = 1_700_000_000_000 + next(10_000_000) * 1000 + next(1000)
  return {
    id,
    type: pick(['order', 'order', 'refund', 'visit'], next),
    status: pick(['new', 'paid', 'shipped', 'lost'], next),
    created,
    timestamp: new Date(created).toISOString(),
    url: `https://${pick(['shop', 'www', 'm'], next)}.example.com/p/${next(1000)}?ref=${pick(['mail', 'ad'], next)}&lang=de`,
    total: next(40_000) / 100,
    ...(next(3) === 0 ? { discount: next(20) } : {}),
    user: makeUser(next),
    items: makeItems(2 + next(7), next),
    shipments: Array.from({ length: 1 + next(3) }, () => ({
      city: pick(CITIES, next),
      items: makeItems(2 + next(3), next),
    })),
  }
}

function makeUser(next: Next): User {
  const name = pick(['Ada Lovelace', ' Grace  Hopper', 'José Müller ', 'Linus'], next)
  return {
    id: `u-${next(500)}`,
    name,
    email: `${name.trim().split(' ')[0]}.${next(100)}@mail.example.org`,
    country: pick(['DE', 'FR', 'US', 'JP'], next),
    active: next(4) > 0,
    ...(next(4) > 0
      ? { address: { city: pick(CITIES, next), ...(next(2) > 0 ? { zip: String(10_000 + next(9999)) } : {}) } }
      : {}),
  }
}

function makeItems(count: number, next: Next): Item[] {
  return Array.from({ length: count }, () => ({
    sku: `sku-${next(20)}`,
    category: pick(['book', 'game', 'food'], next),
    price: next(10_000) / 100,
    quantity: 1 + next(4),
  }))
}

const CITIES = ['Berlin', 'Paris', 'Kyoto', 'Austin']

function pick<T>(items: readonly T[], next: Next): T {
  return items[next(items.length)] as T
}

/** A linear congruential generator (Numerical Recipes). */
function randomNumbers(seed: number): Next {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
