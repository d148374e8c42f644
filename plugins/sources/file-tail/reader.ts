import { errorCode, Notifier, type SourceContext, StreamrunError } from '../../../engine/plugin.ts'
import type { Survey } from '../../shared/find-files.ts'
import { isStarting } from './committed.ts'
import { Descriptors } from './descriptors.ts'
import { Following, GONE_AFTER, type TailBatch } from './following.ts'
import { Hints } from './hints.ts'
import { makeRoster } from './make-roster.ts'
import { OpenEvents } from './open-events.ts'
import type { TailOptions } from './options.ts'
import { type Position, STARTED } from './position.ts'
import { shareRead } from './progress.ts'
import type { Roster } from './roster.ts'
import type { TailedFile } from './tailed-file.ts'
import { Troubles } from './troubles.ts'
import { Turns } from './turns.ts'

/** Reads all files in turns; looks at what there is every `poll`, and reads on at once when a hint comes. */
export class Reader {
  readonly #options: TailOptions
  readonly #context: SourceContext<Position>
  readonly #roster: Roster
  readonly #descriptors: Descriptors
  readonly #following: Following
  readonly #hints: Hints
  readonly #troubles: Troubles
  readonly #turns = new Turns()
  readonly #openEvents: OpenEvents
  readonly #waker = new Notifier()
  readonly #wake = () => this.#waker.notify()
  readonly #openedAt: number
  /** The positions of `start_at` are not handed over yet. */
  #announcesHistory: boolean
  #nextLook = Number.NEGATIVE_INFINITY
  /** Something changed somewhere. */
  #hinted = false
  /** The last hint brought nothing yet: it may have been for a new name. */
  #curious = false
  /** Files were looked for, and those that are new are not made known yet. */
  #looked = false
  /** Files whose last batch did not say `caughtUp`. */
  readonly #behind = new Set<TailedFile>()

  constructor(options: TailOptions, context: SourceContext<Position>) {
    this.#options = options
    this.#context = context
    this.#openedAt = context.clock.monotonic()
    this.#announcesHistory = options.start_at !== undefined && isStarting(context.committed())
    this.#troubles = new Troubles(context.health)
    this.#descriptors = new Descriptors(context.storage, options.max_open_files)
    this.#openEvents = new OpenEvents(options.multiline?.flush_after ?? 0)
    this.#roster = makeRoster(options, context, {
      isOpen: (file) => this.#descriptors.has(file),
      gone: (file) => this.#bury(file),
    })
    this.#following = new Following({
      options,
      context,
      descriptors: this.#descriptors,
      turns: this.#turns,
      openEvents: this.#openEvents,
      troubles: this.#troubles,
      lookAgain: () => this.#lookSoon(),
    })
    this.#hints = new Hints(context.storage, () => this.#hint())
    for (const signal of [context.stopping, context.signal]) signal.addEventListener('abort', this.#wake)
  }

  async *batches(): AsyncGenerator<TailBatch, void, undefined> {
    if (this.#options.start === 'end') yield { partition: STARTED, position: { started: true }, caughtUp: false }
    while (!this.#stopped) {
      if (this.#now >= this.#nextLook) await this.#look()
      if (this.#announcesHistory && !this.#stopped) yield* this.#announceHistory()
      if (this.#looked && !this.#stopped) yield* this.#makeKnown()
      yield* this.#following.endings()
      if (this.#hinted && this.#turns.roundIsOver) this.#readOn()
      for (const file of this.#openEvents.due(this.#now)) this.#turns.add(file)
      const file = this.#turns.next()
      const batch = file === undefined ? await this.#rest() : await this.#following.turn(file)
      if (batch === 'ended' || this.#stopped) return
      if (batch === undefined) continue
      this.#curious = false
      if (file !== undefined) this.#note(file, batch)
      yield batch
    }
  }

  #note(file: TailedFile, { caughtUp }: TailBatch): void {
    if (caughtUp) this.#behind.delete(file)
    else this.#behind.add(file)
  }

  /** All that are to be read, before anything of them is: time waits for a file that is known. */
  *#makeKnown(): Generator<TailBatch> {
    this.#looked = false
    for (const file of this.#roster.files) {
      if (file.known || file.blocked || file.skipping) continue
      this.#behind.add(file)
      yield this.#following.announce(file)
    }
  }

  /**
   * One position says where all files begin, so that no crash finds only some of them; then each gets its own, and it is
   * not needed any more.
   */
  *#announceHistory(): Generator<TailBatch> {
    this.#announcesHistory = false
    const partition = STARTED
    const files = this.#roster.files.filter((file) => !file.announced)
    if (this.#context.committed().size === 0) {
      const history = files.map(({ position }) => position)
      yield { partition, position: { started: true, history }, caughtUp: false }
    }
    for (const file of files) {
      this.#behind.add(file)
      yield this.#following.announce(file)
    }
    yield { partition, position: { started: true }, caughtUp: false }
  }

  progress(): number | undefined {
    return this.#options.follow ? undefined : shareRead(this.#roster.files)
  }

  async close(): Promise<void> {
    for (const signal of [this.#context.stopping, this.#context.signal]) signal.removeEventListener('abort', this.#wake)
    this.#hints.close()
    await this.#descriptors.closeAll()
  }

  get #stopped(): boolean {
    return this.#context.stopping.aborted || this.#context.signal.aborted
  }

  get #now(): number {
    return this.#context.clock.monotonic()
  }

  /** Looks at all paths and files: what is new, what moved, what is gone, what has grown. */
  async #look(): Promise<void> {
    const { follow, poll } = this.#options
    const { survey, changed } = await this.#roster.look()
    this.#report(survey)
    for (const file of this.#roster.files) {
      if (changed.has(file) || file.retiring || file.after !== undefined) this.#turns.add(file)
      if (changed.has(file) && file.blocked) await this.#hold(file)
    }
    this.#clearAway()
    if (follow) await this.#hints.watch(this.#roster.foldersOf(survey))
    this.#looked = true
    this.#nextLook = follow ? this.#now + poll : Number.POSITIVE_INFINITY
  }

  #lookSoon(): void {
    this.#nextLook = Number.NEGATIVE_INFINITY
  }

  #report({ unmatched, unreadable }: Survey): void {
    const hidden = [...unreadable].map(([path, code]): [string, string] => [path, `cannot read ${path}: ${code}`])
    const absent = unmatched.filter((glob) => !unreadable.has(glob))
    const missing = absent.map((glob): [string, string] => [glob, `no file matches ${glob}`])
    const faults = [...hidden, ...missing]
    if (this.#options.follow) this.#troubles.replace('look', new Map(faults))
    const [fault] = faults
    if (fault === undefined || this.#options.follow) return
    throw new StreamrunError(hidden.length > 0 ? 'SR_IO' : 'SR_INPUT_MISSING', fault[1], {
      component: this.#context.id,
    })
  }

  /** A file that has to wait is opened already, so that it can be read even if its name goes meanwhile. */
  async #hold(file: TailedFile): Promise<void> {
    try {
      if (this.#descriptors.hasRoom) await this.#descriptors.of(file)
    } catch (error) {
      // What is wrong with it is said when its turn comes.
      if (errorCode(error) === undefined) throw error
    }
  }

  /** Gives up files that were read to their end and are nowhere to be found, once what came after them is known. */
  #clearAway(): void {
    const { files } = this.#roster
    for (const file of files) {
      if (!file.finished || file.where !== undefined) continue
      if (!files.some((other) => other.after === file)) this.#roster.remove(file)
    }
    if (this.#options.follow && this.#now - this.#openedAt < GONE_AFTER) return
    for (const partition of this.#roster.forgetLost()) this.#context.release(partition)
  }

  #bury(file: TailedFile): void {
    const { log, metrics } = this.#context
    if (file.lost || (!file.packed && file.size > file.lines.place.offset)) {
      metrics.count('missed_rotation')
      log.warn(`${file.partition} is gone before it was read to its end`, { offset: file.lines.place.offset })
    }
    this.#turns.remove(file)
    this.#openEvents.remove(file)
    this.#behind.delete(file)
    this.#troubles.set(`file ${file.partition}`, undefined)
    void this.#descriptors.close(file)
    this.#context.release(file.partition)
  }

  /** Nothing is to be read at the moment. */
  async #rest(): Promise<TailBatch | 'ended' | undefined> {
    const { follow, max_open_files } = this.#options
    for (const file of this.#behind) {
      if (file.failed || file.shrunkSince !== undefined) continue
      this.#behind.delete(file)
      return this.#following.positionOf(file)
    }
    if (!follow) return 'ended'
    const looksAround = this.#curious && this.#roster.files.length <= max_open_files
    this.#curious = false
    if (looksAround) this.#lookSoon()
    else if (this.#hinted) this.#readOn()
    else await this.#idle()
    return undefined
  }

  #hint(): void {
    this.#hinted = true
    this.#wake()
  }

  /** Reads on in all files that are open: that costs no more than to ask whether there is something to read. */
  #readOn(): void {
    this.#hinted = false
    this.#curious = true
    for (const file of this.#descriptors.files) this.#turns.add(file)
  }

  /** Until something changes, a look or an event is due, or the pipeline stops. */
  async #idle(): Promise<void> {
    const woken = this.#waker.wait()
    // It may have been told to stop while it looked around.
    if (this.#stopped) return
    const due = Math.min(this.#nextLook, this.#openEvents.nextDue)
    const cancel = this.#context.clock.timer(Math.max(0, due - this.#now), this.#wake)
    await woken
    cancel()
  }
}
