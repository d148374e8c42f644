import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Position } from './position.ts'
import { startTail, type TestTail } from './reader.fixture.ts'

/** One life of a file: until it is renamed away, deleted or truncated. */
interface Life {
  readonly id: string
  /** What it must be read as, in order; `!` stands for a line that is too long. */
  readonly expected: string[]
  /** Bytes without their newline yet. */
  partial: string
  /** Still open in the writer after a rotation. */
  fd: number | undefined
  ended: boolean
  /** The reader of this run has looked since it exists: it is open. */
  seen: boolean
}

interface Snapshot {
  readonly positions: ReadonlyMap<string, Position>
  readonly lines: number
  readonly failed: number
  readonly paths: ReadonlySet<string>
}

const PATHS = ['a.log', 'b.log', 'c.log']
const LONGEST = 1024

/** A folder of logs, its writers, and the reader, with what the reader promises about them. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'file-tail-model-'))
  readonly lives: Life[] = []
  readonly live = new Map<string, Life>()
  /** Paths that the reader saw a file at. */
  known = new Set<string>()
  lines: string[] = []
  failed: number[] = []
  snapshots: Snapshot[] = []
  tail: TestTail | undefined
  taken = { lines: 0, failed: 0 }
  /** Something was removed that the reader may still have open only. */
  fragile = false
  #next = 0
  readonly #glob: string

  constructor(glob: string) {
    this.#glob = glob
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  lifeAt(name: string): Life {
    const there = this.live.get(name)
    if (there !== undefined) return there
    const life: Life = {
      id: `${name}~${this.lives.length}`,
      expected: [],
      partial: '',
      fd: undefined,
      ended: false,
      seen: false,
    }
    this.lives.push(life)
    this.live.set(name, life)
    appendFileSync(this.path(name), '')
    return life
  }

  append(name: string, count: number): void {
    const life = this.lifeAt(name)
    for (let index = 0; index < count; index++) this.#write(name, life, `${this.#line(life)}\n`)
  }

  /** Part of a line, up to the middle of a character. */
  begin(name: string, bytes: number): void {
    const life = this.lifeAt(name)
    if (life.partial === '') this.#write(name, life, this.#line(life).slice(0, -Math.min(bytes, 20)))
  }

  complete(name: string): void {
    const life = this.live.get(name)
    if (life !== undefined && life.partial !== '') this.#write(name, life, `${latin('é')}end\n`)
  }

  long(name: string): void {
    const life = this.lifeAt(name)
    this.#write(name, life, `${this.#line(life)} ${'x'.repeat(3 * LONGEST)}\n`)
  }

  rotate(name: string, create: boolean, late: number): void {
    if (!this.known.has(name) || !this.live.has(name)) return
    this.snapshots = this.snapshots.filter((snapshot) => snapshot.paths.has(name))
    const life = this.lifeAt(name)
    life.fd = openSync(this.path(name), 'a')
    const numbers = readdirSync(this.folder).flatMap((each) => {
      return each.startsWith(`${name}.`) ? [Number(each.slice(name.length + 1))] : []
    })
    for (const number of numbers.sort((a, b) => b - a)) {
      renameSync(this.path(`${name}.${number}`), this.path(`${name}.${number + 1}`))
    }
    renameSync(this.path(name), this.path(`${name}.1`))
    this.live.delete(name)
    if (create) this.append(name, 1)
    for (let index = 0; index < late; index++) this.#write(name, life, `${this.#line(life)}\n`)
    closeSync(life.fd)
    life.fd = undefined
    life.ended = true
  }

  async truncate(name: string, regrow: boolean, copy: boolean): Promise<void> {
    if (!this.live.has(name)) return
    this.complete(name)
    if (!(await this.drain())) return
    if (copy) copyFileSync(this.path(name), this.path(`.copy-of-${name}`))
    const before = this.lifeAt(name).expected.length
    truncateSync(this.path(name), 0)
    this.live.delete(name)
    if (regrow) this.append(name, before + 2)
    this.snapshots = []
    this.fragile = true
  }

  async remove(name: string, recreate: boolean): Promise<void> {
    if (this.live.get(name)?.seen !== true) return
    this.complete(name)
    this.lifeAt(name).ended = true
    rmSync(this.path(name))
    this.live.delete(name)
    if (recreate) this.append(name, 1)
    this.snapshots = []
    this.fragile = true
  }

  async start(): Promise<void> {
    if (this.tail !== undefined) return
    const last = this.snapshots.at(-1)
    this.tail = startTail(
      { path: join(this.folder, this.#glob), max_line_bytes: `${LONGEST}B` },
      last === undefined ? {} : { positions: last.positions },
    )
    this.taken = { lines: 0, failed: 0 }
    await this.tail.settle()
    this.collect()
  }

  async poll(): Promise<void> {
    await this.tail?.poll()
    this.collect()
  }

  /** Takes over what has arrived, as a sink would. */
  collect(): void {
    if (this.tail === undefined) return
    expect(this.tail.thrown).toBeUndefined()
    this.lines.push(...this.tail.texts.slice(this.taken.lines))
    this.failed.push(...this.tail.failed.slice(this.taken.failed).map(({ size }) => size ?? 0))
    this.taken = { lines: this.tail.lines.length, failed: this.tail.failed.length }
    for (const [name, life] of this.live) {
      this.known.add(name)
      life.seen = true
    }
    if (this.fragile) return
    const { lines, failed } = this
    const paths = new Set(this.known)
    this.snapshots.push({ positions: new Map(this.tail.positions), lines: lines.length, failed: failed.length, paths })
  }

  /** Ends without a checkpoint, and forgets what was delivered after an earlier one. */
  async crash(back: number): Promise<void> {
    if (this.tail === undefined) return
    if (this.fragile && !(await this.drain())) return
    await this.tail.stop()
    this.tail = undefined
    this.snapshots = this.snapshots.slice(0, Math.max(1, this.snapshots.length - back))
    const last = this.snapshots.at(-1)
    this.lines = this.lines.slice(0, last?.lines ?? 0)
    this.failed = this.failed.slice(0, last?.failed ?? 0)
    this.known = new Set(last?.paths)
    for (const life of this.lives) life.seen = false
  }

  /** Lets the reader read everything that is whole. */
  async drain(): Promise<boolean> {
    if (this.tail === undefined) return false
    for (let polls = 0; polls < 100 && !this.#isDrained; polls++) await this.poll()
    await this.poll()
    this.fragile = false
    this.collect()
    return true
  }

  async check(): Promise<void> {
    await this.start()
    // Where nothing took the place of a file, its writer may still complete a line.
    for (const name of PATHS) this.lifeAt(name)
    await this.drain()
    for (const name of PATHS) this.rotate(name, true, 0)
    await this.drain()
    this.tail?.clock.advance(61_000)
    await this.tail?.settle()
    for (let polls = 0; polls < 12; polls++) await this.poll()
    for (const life of this.lives) {
      const expected = life.ended && life.partial !== '' ? [...life.expected, life.partial] : life.expected
      const arrived = this.lines.filter((line) => line.startsWith(`${life.id} `))
      expect(arrived).toEqual(expected.filter((line) => line !== '!'))
    }
    const tooLong = this.lives.flatMap(({ expected }) => expected.filter((line) => line === '!'))
    expect(this.failed.length).toBe(tooLong.length)
    expect(this.lines.length).toBe(this.lives.reduce((sum, life) => sum + wholeLines(life), 0))
  }

  async close(): Promise<void> {
    await this.tail?.stop()
    rmSync(this.folder, { recursive: true })
  }

  get #isDrained(): boolean {
    const arrived = new Set(this.lines)
    const expected = this.lives.flatMap((life) => life.expected)
    const tooLong = expected.filter((line) => line === '!').length
    return this.failed.length >= tooLong && expected.every((line) => line === '!' || arrived.has(line))
  }

  #line(life: Life): string {
    this.#next += 1
    return latin(`${life.id} ${this.#next} ${'ä'.repeat(this.#next % 40)} €€€€€€€`)
  }

  #write(name: string, life: Life, latin1: string): void {
    const bytes = Buffer.from(latin1, 'latin1')
    if (life.fd !== undefined) writeSync(life.fd, bytes)
    else appendFileSync(this.path(name), bytes)
    const text = life.partial + latin1
    const isWhole = text.endsWith('\n')
    life.partial = isWhole ? '' : text
    if (isWhole) life.expected.push(text.length > LONGEST + 1 ? '!' : text.slice(0, -1))
  }
}

function wholeLines(life: Life): number {
  return life.expected.filter((line) => line !== '!').length + (life.ended && life.partial !== '' ? 1 : 0)
}

function latin(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const name = fc.constantFrom(...PATHS)
const action = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('append' as const), name, fc.integer({ min: 1, max: 6 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('begin' as const), name, fc.integer({ min: 1, max: 20 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('complete' as const), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('long' as const), name) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constant('rotate' as const), name, fc.boolean(), fc.integer({ min: 0, max: 2 })),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('rotate twice' as const), name, fc.integer({ min: 2, max: 4 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('copytruncate' as const), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('truncate and regrow' as const), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete and recreate' as const), name) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('poll' as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('stop' as const), fc.constant(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('crash' as const), fc.integer({ min: 1, max: 6 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('start' as const)) },
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

async function act(world: World, [verb, ...args]: Action): Promise<void> {
  const [file = '', number = 0] = args as [string?, number?]
  switch (verb) {
    case 'append':
      return world.append(file, number)
    case 'begin':
      return world.begin(file, number)
    case 'complete':
      return world.complete(file)
    case 'long':
      world.complete(file)
      return world.long(file)
    case 'rotate':
      return world.rotate(file, args[1] as boolean, args[2] as number)
    case 'rotate twice':
      for (let times = 0; times < number; times++) world.rotate(file, true, 0)
      return
    case 'copytruncate':
      return world.truncate(file, false, true)
    case 'truncate and regrow':
      return world.truncate(file, true, false)
    case 'delete':
      return world.remove(file, false)
    case 'delete and recreate':
      return world.remove(file, true)
    case 'poll':
      return world.poll()
    case 'wait':
      for (let polls = 0; polls < 6; polls++) await world.poll()
      return
    case 'stop':
    case 'crash':
      return world.crash(args[0] as number)
    case 'start':
      return world.start()
  }
}

describe('file-tail against a model', () => {
  const numRuns = Number(process.env.TAIL_RUNS ?? 150)

  for (const glob of ['*.log', '*.log*']) {
    it(`reads every line of ${glob} exactly once and in order, whatever happens to the files`, async () => {
      const runs = fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
        const world = new World(glob)
        try {
          await world.start()
          for (const one of actions) await act(world, one)
          await world.check()
        } finally {
          await world.close()
        }
      })
      await fc.assert(runs, { numRuns })
    })
  }
})
