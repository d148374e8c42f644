import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type Case, type GridCase, OUT_OF_ORDERNESS, type SessionCase } from './cases.ts'
import { nearest } from './nearest.ts'

/** One window, in the shape of streamrun's result. */
export type WindowResult = Readonly<Record<string, string | number>>

/**
 * The same windows, from the same file, by DuckDB: nothing of streamrun is in it. The rule: the watermark before a record
 * is the newest time of those before it, less what they may be out of order; a record counts in every window that holds
 * its time and of which end + lateness is after that watermark; one that counts in none is late.
 */
export class Oracle {
  readonly #connection: DuckDBConnection

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  static async open(input: string): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const connection = await instance.connect()
    await connection.run(recordsSql(input))
    return new Oracle(connection)
  }

  /** Prepares the tables `results` and `late` of a case. */
  async run(one: Case): Promise<void> {
    for (const sql of one.kind === 'grid' ? gridSql(one) : sessionSql(one)) await this.#connection.run(sql)
  }

  /** By end, then by key. */
  async *results({ by }: Case): AsyncGenerator<WindowResult> {
    const columns = `first, beyond, ${by}, n::INTEGER, scaled, priced::INTEGER, least, most, users::INTEGER`
    const found = await this.#connection.stream(`SELECT ${columns} FROM results ORDER BY beyond, ${by}`)
    for await (const rows of found.yieldRows()) {
      for (const [first, beyond, key, n, scaled, priced, least, most, users] of rows as Row[]) {
        const prices = scaled === null ? undefined : { ...sumsOf(scaled, priced), min: least, max: most }
        yield { window_start: iso(first), window_end: iso(beyond), [by]: key, n, ...prices, users }
      }
    }
  }

  /** The numbers of the late records, in the order in which they came. */
  async *late(): AsyncGenerator<number> {
    const found = await this.#connection.stream('SELECT id::INTEGER FROM late ORDER BY id')
    for await (const rows of found.yieldRows()) for (const [id] of rows as number[][]) yield id as number
  }

  close(): void {
    this.#connection.closeSync()
  }
}

type Row = [bigint, bigint, string, number, bigint | null, number, number, number, number]

/** Prices are whole multiples of 2^-60, as doubles from 2^-8 on are: so whole numbers hold their sums exactly. */
const SCALE = 2n ** 60n

function sumsOf(scaled: bigint, priced: number) {
  return { sum: nearest(scaled, SCALE), average: nearest(scaled, SCALE * BigInt(priced)) }
}

function iso(time: bigint): string {
  return new Date(Number(time)).toISOString()
}

function recordsSql(input: string): string {
  const columns = `{ id: 'BIGINT', time: 'BIGINT', shop: 'VARCHAR', visitor: 'VARCHAR', price: 'DOUBLE', "user": 'VARCHAR' }`
  return `CREATE TABLE records AS
    SELECT *, coalesce(newest - ${OUT_OF_ORDERNESS}, -1) AS watermark FROM (
      SELECT *, max(time) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest
      FROM read_json('${input.replaceAll("'", "''")}', format = 'newline_delimited', columns = ${columns}))`
}

const AGGREGATES = `count(*) AS n, sum((price * ${SCALE}::DOUBLE)::HUGEINT) AS scaled, count(price) AS priced,
  min(price) AS least, max(price) AS most, count(DISTINCT "user") AS users`

function gridSql({ by, every, slide, lateness }: GridCase): string[] {
  return [
    `CREATE OR REPLACE TEMP TABLE placed AS
      SELECT *, first + ${every} AS beyond, first + ${every} + ${lateness} > watermark AS is_open
      FROM (SELECT *, (time // ${slide} - back) * ${slide} AS first
            FROM records, range(${Math.ceil(every / slide)}) AS backs(back))
      WHERE time < first + ${every}`,
    `CREATE OR REPLACE TEMP TABLE results AS
      SELECT first, beyond, ${by}, ${AGGREGATES} FROM placed WHERE is_open GROUP BY first, beyond, ${by}`,
    'CREATE OR REPLACE TEMP TABLE late AS SELECT id FROM placed GROUP BY id HAVING NOT bool_or(is_open)',
  ]
}

/**
 * Whether a record still finds its session depends on those before it, so the records of each key are walked one by one,
 * those of all keys side by side. `open` are the sessions of a key that the watermark has not passed, each with the records that it has;
 * `closed` those that it passes with this record. A record and the sessions that it touches become one.
 */
function sessionSql({ by, gap, lateness }: SessionCase): string[] {
  return [
    `CREATE OR REPLACE TEMP TABLE numbered AS
      SELECT id, time, watermark, ${by} AS key, row_number() OVER (PARTITION BY ${by} ORDER BY id) AS seq
      FROM records ORDER BY seq`,
    `CREATE OR REPLACE TEMP TABLE walk AS WITH RECURSIVE walk AS (
        SELECT DISTINCT key, 0::BIGINT AS seq, NULL::BIGINT AS late, ${NO_SESSIONS} AS open, ${NO_SESSIONS} AS closed
        FROM numbered
      UNION ALL
        SELECT key, seq, CASE WHEN is_late THEN id END,
          CASE WHEN is_late THEN still ELSE list_append(list_filter(still, lambda s: NOT ${TOUCHES(gap)}), {
            'first': list_min(list_append(list_transform(touched, lambda s: s.first), time)),
            'beyond': list_max(list_append(list_transform(touched, lambda s: s.beyond), time + ${gap})),
            'ids': list_append(flatten(list_transform(touched, lambda s: s.ids)), id) }) END,
          closed
        FROM (
          SELECT *, len(touched) = 0 AND time + ${gap} + ${lateness} <= watermark AS is_late
          FROM (
            SELECT *, list_filter(still, lambda s: ${TOUCHES(gap)}) AS touched
            FROM (
              SELECT key, numbered.seq, id, time, watermark,
                list_filter(open, lambda s: s.beyond + ${lateness} > watermark) AS still,
                list_filter(open, lambda s: s.beyond + ${lateness} <= watermark) AS closed
              FROM walk JOIN numbered USING (key) WHERE numbered.seq = walk.seq + 1)))
      ) FROM walk`,
    `CREATE OR REPLACE TEMP TABLE results AS
      SELECT first, beyond, ${by}, ${AGGREGATES}
      FROM (SELECT session.first, session.beyond, unnest(session.ids) AS id FROM (
        SELECT unnest(closed) AS session FROM walk
        UNION ALL SELECT unnest(arg_max(open, seq)) FROM walk GROUP BY key))
      JOIN records USING (id) GROUP BY first, beyond, ${by}`,
    'CREATE OR REPLACE TEMP TABLE late AS SELECT late AS id FROM walk WHERE late IS NOT NULL',
  ]
}

const NO_SESSIONS = '[]::STRUCT("first" BIGINT, beyond BIGINT, ids BIGINT[])[]'

/** Whether the record of `time` belongs to the session `s`. */
const TOUCHES = (gap: number) => `(s.first < time + ${gap} AND time < s.beyond)`
