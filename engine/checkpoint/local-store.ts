import { StreamrunError } from '../errors.ts'
import type { Log } from '../log/index.ts'
import { encodeEpoch } from './epoch-text.ts'
import { type Frame, Recovery } from './recovery.ts'
import { idOf, type StateDelta } from './state-tables.ts'
import { applyEpoch, type CheckpointStore, type Epoch, type MutableState } from './store.ts'

/**
 * The local store: one append-only log of epochs per pipeline, on `engine/log`. One frame is one JSON text:
 *
 *   {"epoch": {...}, "parts": n}    what changed, maps as arrays of pairs, together with the n frames before it: an epoch
 *                                   counts as a whole from this frame on (F-1)
 *   {"state": [component, state], "changed": [[key, value], [key], ...]}
 *                                   a part of the epoch that follows: keys of a processor's state, one alone is gone
 *   {"state": [component, state], "restated": [[key, value], ...]}
 *                                   likewise, but keys as they were at the cut of the epoch, changed or not
 *   {"snapshot": "begin"}           from here on the frames restate the whole state, in pieces
 *   {"piece": {...}}                epochs that add up to the state but for those of processors
 *   {"snapshot": "end"}             the pieces, and the epochs since `begin` with what they restate, are the state
 *
 * A snapshot is written when the deltas since the last one outgrow it; then the segments before the last-but-one
 * snapshot go, so that at least two stay readable (F-2). Recovery begins with the last whole snapshot (or with frame 0)
 * and trusts only whole epochs; a snapshot without its end is ignored (I-3), and so are parts without their epoch.
 */
export async function openLocalStore(log: Log, limits: SnapshotLimits = LIMITS): Promise<CheckpointStore> {
  const state = await readLocalStore(log)
  state.tables.leastRestated = limits.leastRestated
  let sinceSnapshot = 0
  let snapshotBytes = 0
  let previousSnapshot = log.first
  let snapshot: Snapshot | undefined
  /** Restated once and for all, and not written yet. */
  let unchanging: readonly StateDelta[] = []

  function append(...pieces: readonly (string | Uint8Array)[]): Promise<number> {
    const payload = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))
    for (const { length } of payload) sinceSnapshot += length
    return log.append(payload)
  }

  /** What comes before the states of processors; those follow with the epochs. */
  async function beginSnapshot(): Promise<void> {
    const begin = log.end
    await append(BEGIN)
    let bytes = 0
    for (const piece of piecesOf(state)) {
      const text = JSON.stringify({ piece: encodeEpoch(piece) })
      bytes += text.length
      await append(text)
    }
    sinceSnapshot = bytes
    snapshot = { begin, bytes, missing: new Set(state.tables.beginRestating()) }
    if (snapshot.missing.size === 0) await endSnapshot(snapshot)
  }

  async function endSnapshot({ begin, bytes }: Snapshot): Promise<void> {
    await append(END)
    await log.sync()
    snapshotBytes = bytes
    snapshot = undefined
    await log.drop(previousSnapshot)
    previousSnapshot = begin
  }

  async function commitNow(epoch: Epoch): Promise<void> {
    unchanging = [...unchanging, ...state.tables.takeUnchanging()]
    const states = [...(epoch.states ?? []), ...unchanging]
    const parts = states.flatMap(partsOf)
    const appended = parts.map((part) => append(...part))
    const last = append(JSON.stringify({ epoch: encodeEpoch(epoch), parts: parts.length }))
    await Promise.all([...appended, last])
    await log.sync()
    applyEpoch(state, epoch)
    unchanging = []
    for (const one of states) noteRestated(one)
    if (snapshot?.missing.size === 0) await endSnapshot(snapshot)
    if (snapshot === undefined && sinceSnapshot > Math.max(limits.leastDeltas, 2 * snapshotBytes)) await beginSnapshot()
  }

  function noteRestated(one: StateDelta): void {
    if (snapshot === undefined) return
    snapshot.bytes += one.restated.reduce((sum, text) => sum + text.length, 0)
    if (one.isRestated) snapshot.missing.delete(idOf(one))
  }

  let last: Promise<void> = Promise.resolve()
  return {
    state,
    // One at a time: the parts of two epochs must not stand between each other.
    commit(epoch) {
      const mine = last.then(() => commitNow(epoch))
      last = mine.catch(() => {})
      return mine
    },
    close: () => log.close(),
  }
}

/** One that is under way. */
interface Snapshot {
  /** Its first frame. */
  readonly begin: number
  /** Of what it restates so far. */
  bytes: number
  /** States that are not restated yet. */
  readonly missing: Set<string>
}

function partsOf({ component, state, changed, restated }: StateDelta) {
  const name = JSON.stringify([component, state])
  return [
    ...changed.map((text) => [`{"state":${name},"changed":`, text, '}']),
    ...restated.map((text) => [`{"state":${name},"restated":`, text, '}']),
  ]
}

const BEGIN = '{"snapshot":"begin"}'
const END = '{"snapshot":"end"}'

export interface SnapshotLimits {
  /** Bytes of deltas below which they are not worth a snapshot. */
  readonly leastDeltas: number
  /** Keys of a state that an epoch restates at least, while a snapshot is under way. */
  readonly leastRestated: number
}

const LIMITS: SnapshotLimits = { leastDeltas: 1024 * 1024, leastRestated: 1000 }
/** Entries per piece of a snapshot: a frame stays small however many partitions there are. */
const PIECE_ENTRIES = 1000
const READ_BYTES = 1024 * 1024

/** The state as the last complete epoch left it; reads only, so another process may hold the log. */
export async function readLocalStore(log: Pick<Log, 'first' | 'end' | 'read'>): Promise<MutableState> {
  const snapshot = await findSnapshot(log)
  // Segments go only when two whole snapshots stand behind them: to begin with nothing would read everything again.
  if (snapshot === undefined && log.first > 0)
    throw new StreamrunError('SR_LOG_CORRUPT', `the beginning is missing: no checkpoint is whole`)
  const recovery = new Recovery(snapshot !== undefined)
  for await (const frames of framesFrom(log, snapshot ?? log.first)) {
    for (const { payload } of frames) recovery.take(JSON.parse(payload.toString('utf8')) as Frame)
  }
  return recovery.state
}

/** The beginning of the last snapshot that has an end. */
async function findSnapshot(log: Pick<Log, 'first' | 'end' | 'read'>): Promise<number | undefined> {
  let begun: number | undefined
  let whole: number | undefined
  for await (const frames of framesFrom(log, log.first)) {
    for (const { seq, payload } of frames) {
      if (payload.length > BEGIN.length) continue
      const text = payload.toString('utf8')
      if (text === BEGIN) begun = seq
      else if (text === END) whole = begun ?? whole
    }
  }
  return whole
}

async function* framesFrom(log: Pick<Log, 'end' | 'read'>, first: number) {
  for (let from = first; from < log.end; ) {
    const frames = await log.read(from, READ_BYTES)
    yield frames
    from += frames.length
  }
}

function* piecesOf(state: MutableState): Generator<Epoch> {
  yield { sinks: state.sinks, fingerprints: state.fingerprints }
  for (const [name, marks] of state.watermarks) yield { watermarks: new Map([[name, marks]]) }
  for (const [name, partitions] of state.positions) {
    const entries = [...partitions]
    for (let at = 0; at < entries.length; at += PIECE_ENTRIES) {
      yield { positions: new Map([[name, new Map(entries.slice(at, at + PIECE_ENTRIES))]]) }
    }
  }
}
