import type { Random } from '../../engine/random.ts'

/** Customer transactions as CSV: 23 columns, about 250 bytes a row; one row in eight has quotes, one in three an umlaut. */
export const TRANSACTION_HEADER =
  'customer_id,transaction_id,transaction_date,first_name,last_name,email,phone,age,gender,city,state,zip_code,product_category,quantity,unit_price,total,payment_method,is_returning,store_id,discount,rating,channel,record_id'

/** The columns that are not text. */
export const TRANSACTION_TYPES = {
  age: 'integer',
  quantity: 'integer',
  unit_price: 'number',
  total: 'number',
  is_returning: 'boolean',
  discount: 'number',
  rating: 'integer',
  record_id: 'integer',
} as const

export function transactionRow(index: number, random: Random): string {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random.next() * from.length)] as T
  const whole = (below: number) => Math.floor(random.next() * below)
  const [first, last] = [pick(FIRST_NAMES), pick(LAST_NAMES)]
  const [city, state, zip] = pick(CITIES)
  const quantity = 1 + whole(5)
  const cents = 199 + whole(20_000)
  return [
    `CUST_${10_001 + whole(5000)}`,
    `TXN_${407_510 + index}`,
    new Date(FIRST_DATE + index * 1000).toISOString(),
    first,
    last,
    `customer${whole(99_999)}@example.com`,
    `+1-555-${String(whole(10_000)).padStart(4, '0')}`,
    18 + whole(70),
    pick(['F', 'M', '']),
    city,
    state,
    zip,
    pick(CATEGORIES),
    quantity,
    (cents / 100).toFixed(2),
    ((cents * quantity) / 100).toFixed(2),
    pick(['credit card', 'debit card', 'PayPal', 'cash']),
    random.next() < 0.6,
    `S${whole(400)}`,
    pick(['', '0.05', '0.1']),
    1 + whole(5),
    pick(['web', 'app', 'store']),
    index + 1,
  ].join(',')
}

const FIRST_DATE = Date.UTC(2026, 0, 1)
const FIRST_NAMES = ['Ada', 'Jürgen', 'Marie', 'Grace', 'Alan', 'Linus', 'Barbara', 'Edsger']
const LAST_NAMES = ['Lovelace', 'Müller', 'Curie', 'Hopper', 'Turing', 'Liskov', 'Dijkstra', "O'Brien"]
const CATEGORIES = ['Electronics', 'Clothing', 'Books', '"Home, small"', 'Sports', 'Toys', 'Garden', 'Beauty']
const CITIES = [
  ['Springfield', 'IL', '62701'],
  ['Portland', 'OR', '97201'],
  ['Austin', 'TX', '73301'],
  ['Montréal', 'QC', '00123'],
  ['Boston', 'MA', '02108'],
] as const
