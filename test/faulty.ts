import type { Storage } from '../engine/plugin.ts'
import fileSink from '../plugins/sinks/file/index.ts'
import { listSource, memoryStorage, pause, records, runPipeline } from './contract/index.ts'

export const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** What the promise gives, or `stuck` when that takes longer: for deadlocks, which no condition tells from slowness. */
export const within = <T>(ms: number, promise: Promise<T>): Promise<T | 'stuck'> =>
  Promise.race([promise, wait(ms).then(() => 'stuck' as const)])

/** A storage of which some calls go elsewhere. */
export function proxied(storage: Storage, changes: Partial<Storage>): Storage {
  return new Proxy(storage, {
    get: (target, name) => {
      const found = Reflect.get(changes, name) ?? Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}

/** A pipeline into `/out/all.ndjson` that was killed between the commit of an epoch and the end of its sink's intents. */
export async function killedBeforeForgetting() {
  const disk = memoryStorage()
  let kill: (() => void) | undefined
  const storage = proxied(disk, {
    async open(path, mode) {
      const file = await disk.open(path, mode)
      if (!path.endsWith('/intents')) return file
      return new Proxy(file, {
        get: (target, name) => {
          if (name === 'truncate' && kill !== undefined) {
            const die = kill
            kill = undefined
            return async () => die()
          }
          const found = Reflect.get(target, name)
          return typeof found === 'function' ? found.bind(target) : found
        },
      })
    },
  })
  const source = listSource(records(1), records(2), pause())
  const run = await runPipeline(
    {
      sources: { src: { plugin: source.plugin } },
      sinks: { files: { plugin: fileSink, codec: 'json', options: { path: '/out/all.ndjson' } } },
    },
    { storage },
  )
  kill = () => void run.kill()
  const ended = await run.ended
  if (ended !== 'killed') throw new Error('the pipeline ended before it was killed')
  return { disk, run, source }
}
