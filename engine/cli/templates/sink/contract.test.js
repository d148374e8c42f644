import { describeSink, memoryStorage, readLines } from 'streamrun/testing'
import plugin from './index.js'

const PATH = '/out/records.ndjson'

/** One test for each promise of a sink: kills and power cuts at any moment, full and broken disks, refused records. */
describeSink('my-sink', {
  plugin,
  // A disk in memory, which the suite fills, breaks and cuts the power of.
  storage: memoryStorage,
  prepare: () => ({
    options: { path: PATH },
    // What a reader of the destination finds.
    read: async (storage) => [(await readLines(storage, PATH)).map((line) => JSON.parse(line))],
  }),
})
