import type { Clock } from '../../engine/clock.ts'
import type { Environment } from '../../engine/runtime/context.ts'
import type { FolderLock, Storage, StoredFile, Watcher } from '../../engine/storage.ts'

/** The world as one process sees it, and the end of that process. */
export interface Mortal {
  readonly environment: Environment
  /**
   * As kill -9: from now on nothing that it asks of disk, time or output is answered or done. Resolves when what was
   * under way has happened and its files are closed.
   */
  kill(): Promise<void>
}

/** A plugin that outlives its runs, and must know when one of them was killed. */
export interface KilledWithRun {
  /** Resolves when it next wants its process to be killed. */
  aborted?(): Promise<void>
  /** The process was killed: nothing that is left of the run may act any more. */
  died(): void
}

/** Lets a test kill a pipeline that runs in its own process. */
export function mortal(environment: Environment): Mortal {
  const breath = new Breath()
  return {
    environment: {
      ...environment,
      storage: mortalStorage(environment.storage, breath),
      clock: mortalClock(environment.clock, breath),
      stdout: { ...environment.stdout, write: (chunks) => breath.draw(() => environment.stdout.write(chunks)) },
    },
    kill: () => breath.end(),
  }
}

/** What is alive, and what must be put away when it dies. */
class Breath {
  #alive = true
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #belongings = new Set<() => unknown>()

  /** Answers as `call` does, or never. */
  draw<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#alive) return NEVER
    const answer = call()
    this.#underWay.add(answer)
    const done = () => this.#underWay.delete(answer)
    answer.then(done, done)
    return answer.then(
      (value) => (this.#alive ? value : NEVER),
      (error) => (this.#alive ? Promise.reject(error) : NEVER),
    )
  }

  get alive(): boolean {
    return this.#alive
  }

  /** `putAway` is called at death, unless what it returns was called before. */
  own(putAway: () => unknown): () => void {
    this.#belongings.add(putAway)
    return () => this.#belongings.delete(putAway)
  }

  async end(): Promise<void> {
    this.#alive = false
    await Promise.allSettled(this.#underWay)
    await Promise.allSettled([...this.#belongings].map((putAway) => putAway()))
  }
}

const NEVER = new Promise<never>(() => {})

function mortalStorage(storage: Storage, breath: Breath): Storage {
  return {
    open: (path, mode) => breath.draw(async () => mortalFile(await storage.open(path, mode), breath)),
    stat: (path) => breath.draw(() => storage.stat(path)),
    list: (folder) => breath.draw(() => storage.list(folder)),
    makeFolder: (folder) => breath.draw(() => storage.makeFolder(folder)),
    rename: (from, to) => breath.draw(() => storage.rename(from, to)),
    remove: (path) => breath.draw(() => storage.remove(path)),
    syncFolder: (folder) => breath.draw(() => storage.syncFolder(folder)),
    realPath: (path) => breath.draw(() => storage.realPath(path)),
    freeBytes: (path) => breath.draw(() => storage.freeBytes(path)),
    lock: (folder) => breath.draw(async () => mortalLock(await storage.lock(folder), breath)),
    watch: (folder, changed) =>
      mortalWatcher(
        storage.watch(folder, () => breath.alive && changed()),
        breath,
      ),
  }
}

function mortalFile(file: StoredFile, breath: Breath): StoredFile {
  const disown = breath.own(() => file.close())
  return {
    read: (...args) => breath.draw(() => file.read(...args)),
    write: (...args) => breath.draw(() => file.write(...args)),
    sync: () => breath.draw(() => file.sync()),
    truncate: (length) => breath.draw(() => file.truncate(length)),
    stat: () => breath.draw(() => file.stat()),
    close: () =>
      breath.draw(() => {
        disown()
        return file.close()
      }),
  }
}

/** The kernel frees the lock of a process that dies. */
function mortalLock(lock: FolderLock | undefined, breath: Breath): FolderLock | undefined {
  if (lock === undefined) return undefined
  const disown = breath.own(() => lock.release())
  return {
    release: () =>
      breath.draw(() => {
        disown()
        return lock.release()
      }),
  }
}

function mortalWatcher(watcher: Watcher | undefined, breath: Breath): Watcher | undefined {
  if (watcher === undefined) return undefined
  const disown = breath.own(() => watcher.close())
  return {
    close() {
      disown()
      watcher.close()
    },
  }
}

function mortalClock(clock: Clock, breath: Breath): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    timer(ms, fire) {
      if (!breath.alive) return () => {}
      const cancel = clock.timer(ms, () => {
        disown()
        fire()
      })
      const disown = breath.own(cancel)
      return () => {
        disown()
        cancel()
      }
    },
  }
}
