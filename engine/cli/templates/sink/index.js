// @ts-check
import { dirname, resolve } from 'node:path'
import { defineSink, errorCode, retryable } from 'streamrun/plugin'
import { options } from './options.js'

/**
 * Writes a file that belongs to it alone; put your destination in its place. The contract of each method: the comments
 * of `streamrun/plugin`. A destination that cannot be cut back has neither `flush` nor `restore`: it is
 * `at-least-once`, and durable when `write` resolves.
 */
export default defineSink({
  type: 'my-sink',
  summary: 'Writes records to a file that it begins anew with the pipeline.',
  // It writes bytes with `context.encode`: the pipeline chooses the codec.
  codec: true,
  delivery: 'exactly-once',
  options,
  check: ({ path }) => ({ writes: [resolve(path)] }),
  async open({ path }, { encode, storage }) {
    const folder = dirname(resolve(path))
    await storage.makeFolder(folder)
    const file = await storage.open(resolve(path), 'ensure')
    // Else a power cut could take the file away again.
    await storage.syncFolder(folder)
    let size = 0
    return {
      async restore(state) {
        size = Number(state ?? 0)
        await file.truncate(size)
      },
      async write(batch) {
        const chunks = encode(batch)
        try {
          await file.write(chunks, size)
        } catch (error) {
          // What may pass is tried again with the same batch, which then goes to the same place.
          throw errorCode(error) === 'ENOSPC' ? retryable('disk full', error) : error
        }
        for (const chunk of chunks) size += chunk.length
      },
      async flush() {
        // Noted before the first `await`: what is written after that belongs to the next checkpoint.
        const state = size
        await file.sync()
        return state
      },
      close: () => file.close(),
    }
  },
})
