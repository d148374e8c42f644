import { StreamrunError } from '../errors.ts'
import type { Log } from '../log/index.ts'
import type { Json } from '../record.ts'
import { applyEpoch, type CheckpointStore, type Epoch, emptyState, type MutableState } from './store.ts'

/**
 * The local store: one append-only log of epochs per pipeline, on `engine/log`. One frame is one JSON text:
 *
 *   {"epoch": {...}}                what changed, maps as arrays of pairs: the whole of an epoch, so that it is atomic (F-1)
 *   {"snapshot": "begin"}           from here on the frames restate the whole state, in pieces
 *   {"piece": {...}}                epochs that add up to the state
 *   {"snapshot": "end"}             the pieces since `begin` are the state
 *
 * A snapshot is written when the deltas since the last one outgrow it; then the segments before the last-but-one
 * snapshot go, so that at least two epochs stay readable (F-2). Recovery reads from the first `begin` (or from frame
 * 0) and trusts only whole frames; a snapshot without its end is ignored (I-3).
 */
export async function openLocalStore(log: Log): Promise<CheckpointStore> {
  const state = await recover(log)
  let sinceSnapshot = 0
  let snapshotBytes = 0
  let previousSnapshot = log.first

  async function append(frame: Frame): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(frame))
    await log.append([bytes])
    sinceSnapshot += bytes.length
  }

  async function writeSnapshot(): Promise<void> {
    const begin = log.end
    sinceSnapshot = 0
    await append({ snapshot: 'begin' })
    for (const piece of piecesOf(state)) await append({ piece: encodeEpoch(piece) })
    await append({ snapshot: 'end' })
    await log.sync()
    snapshotBytes = sinceSnapshot
    sinceSnapshot = 0
    await log.drop(previousSnapshot)
    previousSnapshot = begin
  }

  async function commitNow(epoch: Epoch): Promise<void> {
    await append({ epoch: encodeEpoch(epoch) })
    await log.sync()
    applyEpoch(state, epoch)
    if (sinceSnapshot > Math.max(MIN_DELTA_BYTES, 2 * snapshotBytes)) await writeSnapshot()
  }

  let last: Promise<void> = Promise.resolve()
  return {
    state,
    // One at a time: an epoch between the pieces of a snapshot would be lost with it.
    commit(epoch) {
      const mine = last.then(() => commitNow(epoch))
      last = mine.catch(() => {})
      return mine
    },
    close: () => log.close(),
  }
}

/** Below this, deltas are not worth a snapshot. */
const MIN_DELTA_BYTES = 1024 * 1024
/** Entries per piece of a snapshot: a frame stays small however many partitions there are. */
const PIECE_ENTRIES = 1000
const READ_BYTES = 1024 * 1024

type Frame = { readonly epoch: Json } | { readonly snapshot: 'begin' | 'end' } | { readonly piece: Json }

async function recover(log: Log): Promise<MutableState> {
  let state: MutableState | undefined = log.first === 0 ? emptyState() : undefined
  let staged: MutableState | undefined
  for (let from = log.first; from < log.end; ) {
    const frames = await log.read(from, READ_BYTES)
    for (const { payload } of frames) {
      const frame = JSON.parse(payload.toString('utf8')) as Frame
      if ('epoch' in frame) {
        if (state !== undefined) applyEpoch(state, decodeEpoch(frame.epoch))
      } else if ('piece' in frame) {
        if (staged !== undefined) applyEpoch(staged, decodeEpoch(frame.piece))
      } else if (frame.snapshot === 'begin') {
        staged = emptyState()
      } else {
        state = staged ?? state
        staged = undefined
      }
    }
    from += frames.length
  }
  // Segments go only when two whole snapshots stand behind them: to begin with nothing would read everything again.
  if (state === undefined)
    throw new StreamrunError('SR_LOG_CORRUPT', `the beginning is missing: no checkpoint is whole`)
  return state
}

function* piecesOf(state: MutableState): Generator<Epoch> {
  yield { sinks: state.sinks, fingerprints: state.fingerprints }
  for (const [name, partitions] of state.positions) {
    const entries = [...partitions]
    for (let at = 0; at < entries.length; at += PIECE_ENTRIES) {
      yield { positions: new Map([[name, new Map(entries.slice(at, at + PIECE_ENTRIES))]]) }
    }
  }
}

function encodeEpoch(epoch: Epoch): Json {
  const { positions, released, sinks, fingerprints, forgotten } = epoch
  return {
    ...(positions?.size ? { positions: [...positions].map(([name, partitions]) => [name, [...partitions]]) } : {}),
    ...(released?.size ? { released: [...released].map(([name, partitions]) => [name, [...partitions]]) } : {}),
    ...(sinks?.size ? { sinks: [...sinks] } : {}),
    ...(fingerprints?.size ? { fingerprints: [...fingerprints] } : {}),
    ...(forgotten?.length ? { forgotten } : {}),
  }
}

function decodeEpoch(json: Json): Epoch {
  const {
    positions = [],
    released = [],
    sinks = [],
    fingerprints = [],
    forgotten = [],
  } = json as unknown as EncodedEpoch
  return {
    positions: new Map(positions.map(([name, partitions]) => [name, new Map(partitions)])),
    released: new Map(released.map(([name, partitions]) => [name, new Set(partitions)])),
    sinks: new Map(sinks),
    fingerprints: new Map(fingerprints),
    forgotten,
  }
}

interface EncodedEpoch {
  readonly positions?: [string, [string, Json][]][]
  readonly released?: [string, string[]][]
  readonly sinks?: [string, Json][]
  readonly fingerprints?: [string, string][]
  readonly forgotten?: string[]
}
