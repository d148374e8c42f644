import type { Item, Order } from './records.ts'

/** An expression, and the JavaScript that somebody would write instead of it. */
export interface Contest {
  readonly name: string
  readonly target: Target
  readonly text: string
  /** Gives the same on every record, also where fields are missing. */
  readonly hand: (record: Order) => unknown
}

/** What compiled expressions should reach: so many times the interpreter, so many times the hand-written one. */
export interface Target {
  readonly interpreter: number
  readonly hand?: number
}

const FILTER: Target = { interpreter: 100, hand: 0.5 }
const BUILD: Target = { interpreter: 25, hand: 0.4 }
const OTHER: Target = { interpreter: 1 }

export const CONTESTS: readonly Contest[] = [
  {
    name: 'equality',
    target: FILTER,
    text: 'type = "order"',
    hand: ({ type }) => type === 'order',
  },
  {
    name: 'comparison',
    target: FILTER,
    text: 'total > 100 and user.country = "DE"',
    hand: ({ total, user }) => total > 100 && user.country === 'DE',
  },
  {
    name: 'missing path',
    target: FILTER,
    text: 'user.address.city = "Berlin"',
    hand: ({ user }) => user.address?.city === 'Berlin',
  },
  {
    name: 'membership',
    target: FILTER,
    text: 'status in ["paid", "shipped"]',
    hand: ({ status }) => status === 'paid' || status === 'shipped',
  },
  {
    name: 'presence',
    target: FILTER,
    text: '$exists(discount) or $not(user.active)',
    hand: ({ discount, user }) => discount !== undefined || !user.active,
  },
  {
    name: 'arithmetic',
    target: FILTER,
    text: 'total * 1.19 - (discount ?? 0) >= 100',
    hand: ({ total, discount }) => total * 1.19 - (discount ?? 0) >= 100,
  },
  {
    name: 'items filter',
    target: FILTER,
    text: 'items[price > 50 and quantity >= 2]',
    hand: ({ items }) => sequence(items.filter(({ price, quantity }) => price > 50 && quantity >= 2)),
  },
  {
    name: 'item lookup',
    target: FILTER,
    text: 'items[sku = "sku-3"].price',
    hand: ({ items }) => sequence(items.filter(({ sku }) => sku === 'sku-3').map(({ price }) => price)),
  },
  {
    name: 'projection',
    target: BUILD,
    text: 'items.price',
    hand: ({ items }) => sequence(items.map(({ price }) => price)),
  },
  {
    name: 'object',
    target: BUILD,
    text: '{"id": id, "user": user.id, "city": user.address.city, "total": total}',
    hand: ({ id, user, total }) => {
      const city = user.address?.city
      return city === undefined ? { id, user: user.id, total } : { id, user: user.id, city, total }
    },
  },
  {
    name: 'nested object',
    target: BUILD,
    text: '{"order": {"id": id, "at": timestamp}, "customer": {"id": user.id, "name": user.name}, "skus": items.sku}',
    hand: ({ id, timestamp, user, items }) => ({
      order: { id, at: timestamp },
      customer: { id: user.id, name: user.name },
      skus: sequence(items.map(({ sku }) => sku)),
    }),
  },
  {
    name: 'objects',
    target: BUILD,
    text: 'items.{"sku": sku, "cost": price * quantity}',
    hand: ({ items }) => sequence(items.map(({ sku, price, quantity }) => ({ sku, cost: price * quantity }))),
  },
  {
    name: 'merge',
    target: BUILD,
    text: '$merge([$, {"seen": true, "gross": total * 1.19}])',
    hand: (record) => ({ ...record, seen: true, gross: record.total * 1.19 }),
  },
  {
    name: 'sum of products',
    target: BUILD,
    text: '$sum(items.(price * quantity))',
    hand: ({ items }) => items.reduce((sum, { price, quantity }) => sum + price * quantity, 0),
  },
  {
    name: 'nested sum',
    target: BUILD,
    text: '$sum(shipments.items[quantity > 1].(price * quantity))',
    hand: ({ shipments }) => {
      const costs = shipments.flatMap(({ items }) => items.filter(({ quantity }) => quantity > 1).map(costOf))
      return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0)
    },
  },
  {
    name: 'aggregates',
    target: BUILD,
    text: '{"n": $count(items), "max": $max(items.price), "mean": $average(items.price)}',
    hand: ({ items }) => {
      const prices = items.map(({ price }) => price)
      const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length
      return { n: items.length, max: Math.max(...prices), mean }
    },
  },
  {
    name: 'group',
    target: BUILD,
    text: 'items{category: $sum(price)}',
    hand: ({ items }) => {
      const sums: Record<string, number> = Object.create(null)
      for (const { category, price } of items) sums[category] = (sums[category] ?? 0) + price
      return sums
    },
  },
  {
    name: 'block',
    target: BUILD,
    text: '($net := $sum(items.(price * quantity)); $net > 500 ? {"net": $net, "big": true} : {"net": $net})',
    hand: ({ items }) => {
      const net = items.reduce((sum, item) => sum + costOf(item), 0)
      return net > 500 ? { net, big: true } : { net }
    },
  },
  {
    name: 'change',
    target: OTHER,
    text: '$ ~> |user|{"name": $uppercase(name)}, "email"|',
    hand: (record) => {
      const copy = structuredClone(record)
      const { email, ...user } = copy.user
      return { ...copy, user: { ...user, name: user.name.toUpperCase() } }
    },
  },
  {
    name: 'order-by',
    target: OTHER,
    text: 'items^(>price).sku',
    hand: ({ items }) => sequence(items.toSorted((a, b) => b.price - a.price).map(({ sku }) => sku)),
  },
  {
    name: 'sort',
    target: OTHER,
    text: '$sort(items.price)',
    hand: ({ items }) => items.map(({ price }) => price).sort((a, b) => a - b),
  },
  {
    name: 'distinct',
    target: OTHER,
    text: '$distinct(items.category)',
    hand: ({ items }) => sequence([...new Set(items.map(({ category }) => category))]),
  },
  {
    name: 'text',
    target: OTHER,
    text: '$uppercase($substring(user.name, 0, 3)) & "-" & id',
    hand: ({ user, id }) => `${[...user.name].slice(0, 3).join('').toUpperCase()}-${id}`,
  },
  {
    name: 'split and join',
    target: OTHER,
    text: '$join($split(user.email, "@"), " at ")',
    hand: ({ user }) => user.email.split('@').join(' at '),
  },
  {
    name: 'trim',
    target: OTHER,
    text: '$lowercase($trim(user.name))',
    hand: ({ user }) =>
      user.name
        .replace(/[ \t\n\r]+/g, ' ')
        .trim()
        .toLowerCase(),
  },
  {
    name: 'parse time',
    target: OTHER,
    text: '$toMillis(timestamp)',
    hand: ({ timestamp }) => Date.parse(timestamp),
  },
  {
    name: 'format time',
    target: OTHER,
    text: '$fromMillis(created, "[Y0001]-[M01]-[D01]")',
    hand: ({ created }) => new Date(created).toISOString().slice(0, 10),
  },
  {
    name: 'pattern',
    target: OTHER,
    text: '$contains(url, /^https:\\/\\/shop\\./)',
    hand: ({ url }) => /^https:\/\/shop\./.test(url),
  },
  {
    name: 'replace',
    target: OTHER,
    text: '$replace(user.email, /@.*$/, "@example.org")',
    hand: ({ user }) => user.email.replace(/@.*$/, '@example.org'),
  },
  {
    name: 'match',
    target: OTHER,
    text: '$match(url, /[?&]([a-z]+)=([^&]*)/).groups[0]',
    hand: ({ url }) => sequence([...url.matchAll(/[?&]([a-z]+)=([^&]*)/g)].map(([, name]) => name)),
  },
  {
    name: '$map',
    target: OTHER,
    text: '$map(items, function($item){ $item.price * $item.quantity })',
    hand: ({ items }) => sequence(items.map(costOf)),
  },
  {
    name: '$filter',
    target: OTHER,
    text: '$filter(items, function($item){ $item.price > 50 })',
    hand: ({ items }) => sequence(items.filter(({ price }) => price > 50)),
  },
  {
    name: '$reduce',
    target: OTHER,
    text: '$reduce(items, function($sum, $item){ $sum + $item.price * $item.quantity }, 0)',
    hand: ({ items }) => items.reduce((sum, item) => sum + costOf(item), 0),
  },
  {
    name: 'recursion',
    target: OTHER,
    text: '($f := function($n, $sum){ $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(20, id))',
    hand: ({ id }) => sumDown(20, id),
  },
  {
    name: 'descendants',
    target: OTHER,
    text: '$sum(**.price)',
    hand: (record) => sumOfPrices(record, 0),
  },
  {
    name: 'parent',
    target: OTHER,
    text: 'shipments.items.{"sku": sku, "to": %.city}',
    hand: ({ shipments }) =>
      sequence(shipments.flatMap(({ city, items }) => items.map(({ sku }) => ({ sku, to: city })))),
  },
]

/** JSONata's lists of results: an empty one is nothing, one of one is its item. */
function sequence<T>(items: readonly T[]): readonly T[] | T | undefined {
  return items.length > 1 ? items : items[0]
}

function costOf({ price, quantity }: Item): number {
  return price * quantity
}

function sumDown(n: number, sum: number): number {
  return n === 0 ? sum : sumDown(n - 1, sum + n)
}

function sumOfPrices(value: unknown, before: number): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sumOfPrices(item, sum), before)
  if (value === null || typeof value !== 'object') return before
  const { price } = value as { readonly price?: unknown }
  const own = typeof price === 'number' ? before + price : before
  return Object.values(value).reduce((sum: number, part) => sumOfPrices(part, sum), own)
}
