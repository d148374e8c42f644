import { StateTable } from '../../engine/checkpoint/keyed-state.ts'
import { encodeBatch, encodeEach, encodeInPlace } from '../../engine/codec/encode.ts'
import { createEncoder, type Encoder } from '../../engine/codec/index.ts'
import { functionTable } from '../../engine/expression/functions/index.ts'
import { compileExpression } from '../../engine/expression/index.ts'
import { compileTemplate } from '../../engine/expression/template.ts'
import type {
  ByteOutput,
  ChannelContext,
  Clock,
  Context,
  Evaluation,
  Json,
  ProcessorContext,
  Random,
  RecordError,
  SinkContext,
  SourceContext,
  Storage,
  StreamRecord,
} from '../../engine/plugin.ts'
import { seededRandom } from '../../engine/random.ts'
import { diskStorage } from '../../engine/storage.ts'
import { manualClock } from '../../engine/trial/manual-clock.ts'

/** What a test may choose; the rest is a manual clock, this machine's disk and a seed. */
export interface Chosen {
  readonly id?: string
  readonly clock?: Clock
  readonly storage?: Storage
  readonly random?: Random
  readonly signal?: AbortSignal
  readonly stateFolder?: string
  readonly definitionFolder?: string
  /** What expressions read as `$env`. */
  readonly environment?: Readonly<Record<string, string>>
  /** What `connection` gives, by name. */
  readonly connections?: { readonly [name: string]: unknown }
}

/** What a component said while a test ran. */
export interface Recording {
  readonly logs: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }[]
  /** Name -> sum of `metrics.count`, or the last of `metrics.gauge`. */
  readonly counts: Map<string, number>
  /** The calls of `health`, in order: a reason, or undefined for `ok`. */
  readonly health: (string | undefined)[]
}

export type TestContext = Context & { readonly recorded: Recording }

export function testContext(chosen: Chosen = {}): TestContext {
  const recorded: Recording = { logs: [], counts: new Map(), health: [] }
  const { environment = {}, connections = {}, ...rest } = chosen
  const random = rest.random ?? seededRandom(1)
  const expressions = (how?: Evaluation) => ({
    environment,
    functions: functionTable({ random: how?.random ?? random, tables: new Map() }),
  })
  return {
    id: 'tested',
    pipeline: 'test',
    definitionFolder: '/nowhere',
    clock: manualClock(),
    storage: diskStorage(),
    random,
    signal: new AbortController().signal,
    readOnly: false,
    stateFolder: '/nowhere/state',
    ...rest,
    ...listeners(recorded),
    connection: async (name) => connections[name] as never,
    expression: (text, how) => compileExpression(text, expressions(how)),
    template: (text, how) => compileTemplate(text, { ...expressions(how), written: how?.written }),
    recorded,
  }
}

export function processorContext(chosen: Chosen = {}): ProcessorContext & TestContext {
  return { ...testContext(chosen), state: (_name, form) => new StateTable([], form) }
}

export interface ChosenForSink extends Chosen {
  /** A codec, or the name of one; `json` when left out. */
  readonly codec?: Encoder | string
  readonly stdout?: ByteOutput
}

export interface SinkTestContext extends TestContext, SinkContext {
  /** What `encode` could not write so far. */
  readonly unencodable: { readonly record: StreamRecord; readonly error: RecordError }[]
  /** A call of `write` has resolved: what `encode` has given out is overwritten, as the engine does it. */
  takeBack(): void
}

export function sinkContext(chosen: ChosenForSink = {}): SinkTestContext {
  const { codec: choice = 'json', stdout = memoryOutput(), ...rest } = chosen
  const codec = typeof choice === 'string' ? createEncoder(choice) : choice
  const unencodable: { record: StreamRecord; error: RecordError }[] = []
  const lent: Uint8Array[] = []
  return {
    ...testContext(rest),
    unencodable,
    stdout,
    startBytes: codec.startBytes ?? 0,
    encode(batch, start) {
      const { chunks, failed } = encodeBatch(codec, batch, start)
      unencodable.push(...failed)
      const copies = chunks.map((chunk) => Uint8Array.from(chunk))
      lent.push(...copies)
      return copies
    },
    takeBack() {
      for (const bytes of lent.splice(0)) bytes.fill(0)
    },
    encodeEach(batch) {
      const { values, failed } = encodeEach(codec, batch)
      unencodable.push(...failed)
      return values
    },
    encodeInPlace: (batch) => encodeInPlace(codec, batch),
  }
}

/** A standard output that keeps what it is given. */
export interface MemoryOutput extends ByteOutput {
  readonly text: string
  /** Its reader goes away: every later write throws EPIPE. */
  closeReader(): void
}

export function memoryOutput(options: { colours?: boolean; rows?: number } = {}): MemoryOutput {
  const taken: Buffer[] = []
  let open = true
  return {
    colours: options.colours ?? false,
    rows: options.rows,
    get text() {
      return Buffer.concat(taken).toString('utf8')
    },
    closeReader() {
      open = false
    },
    async write(chunks) {
      if (!open) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
      taken.push(Buffer.concat(chunks))
    },
  }
}

export interface ChosenForSource<P extends Json> extends Chosen {
  /** The committed positions, by partition. */
  readonly positions?: ReadonlyMap<string, P>
  readonly startsOver?: boolean
}

export interface SourceTestContext<P extends Json> extends TestContext, SourceContext<P> {
  /** Aborts `stopping`. */
  stop(): void
  /** Partitions that were released, in order. */
  readonly released: string[]
  /** How often a checkpoint was asked for. */
  readonly checkpointsRequested: number
}

export function sourceContext<P extends Json = Json>(chosen: ChosenForSource<P> = {}): SourceTestContext<P> {
  const { positions = new Map<string, P>(), startsOver = false, ...rest } = chosen
  const stopping = new AbortController()
  const released: string[] = []
  let requested = 0
  return {
    ...testContext(rest),
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    resume: async (partition) => positions.get(partition),
    startsOver,
    committed: () => positions,
    peersOpen: Promise.resolve(),
    release: (partition) => released.push(partition),
    released,
    requestCheckpoint() {
      requested += 1
    },
    get checkpointsRequested() {
      return requested
    },
  }
}

export type ChannelTestContext = SourceTestContext<Json> & ChannelContext

export function channelContext(chosen: ChosenForSource<Json> = {}): ChannelTestContext {
  return sourceContext(chosen)
}

function listeners(recorded: Recording): Pick<Context, 'log' | 'metrics' | 'health'> {
  const say = (level: Recording['logs'][number]['level']) => (message: string) => {
    recorded.logs.push({ level, message })
  }
  return {
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    metrics: {
      count: (name, by = 1) => recorded.counts.set(name, (recorded.counts.get(name) ?? 0) + by),
      gauge: (name, value) => recorded.counts.set(name, value),
    },
    health: { degraded: (reason) => recorded.health.push(reason), ok: () => recorded.health.push(undefined) },
  }
}
