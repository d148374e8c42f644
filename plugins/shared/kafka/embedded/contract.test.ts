import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { systemClock } from '../../../../engine/clock.ts'
import { diskStorage, type Storage, type StoredFile } from '../../../../engine/storage.ts'
import { testContext } from '../../../../test/contract/context.ts'
import { describeKafka } from '../contract.ts'
import { type EmbeddedTopics, openEmbeddedTopics } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'streamrun-topics-'))
let fetched = 0
let opened: Promise<EmbeddedTopics> | undefined

afterAll(async () => {
  await (await opened)?.close()
  rmSync(folder, { recursive: true })
})

describeKafka('embedded topics', {
  async open() {
    const { log } = testContext()
    const settings = {
      storage: counting(diskStorage()),
      clock: systemClock(),
      log,
      maxRecordBytes: 100_000,
      segmentSize: 4 * 1024 * 1024,
    }
    opened ??= openEmbeddedTopics(folder, settings)
    return (await opened).client()
  },
  tooLarge: 100_001,
  fetched: () => fetched,
})

/** Counts the bytes that are read. */
function counting(storage: Storage): Storage {
  return { ...storage, open: async (path, mode) => countingFile(await storage.open(path, mode)) }
}

function countingFile(file: StoredFile): StoredFile {
  return {
    ...file,
    async read(target, offset, length, position) {
      const count = await file.read(target, offset, length, position)
      fetched += count
      return count
    },
  }
}
