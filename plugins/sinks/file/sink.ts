import {
  type OptionValues,
  PartialWriteError,
  type RecordError,
  recordsBatch,
  type Sink,
  type SinkContext,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { cannotCreate } from './faults.ts'
import { OutputFiles } from './files.ts'
import { Intents } from './intents.ts'
import type { options } from './options.ts'
import type { OutputFile } from './output-file.ts'
import { compilePath, type Destination } from './path.ts'
import { recover } from './recovery.ts'
import { refuseOutside } from './root.ts'
import { routeByPath } from './routing.ts'
import type { FileState } from './state.ts'
import { encodeInto, Writer } from './writer.ts'

type Settings = OptionValues<typeof options>

/** Appends every batch to its files at a length that is counted here, so that whatever comes after it can be cut off. */
export function fileSink(settings: Settings, context: SinkContext): Sink<FileState> {
  const destination = compilePath(settings.path, (text) => context.template(text))
  const intents = new Intents(context.storage, context.stateFolder)
  const files = outputFiles(destination, settings, intents, context)
  const writer = new Writer({ files, encode: (batch, start) => context.encode(batch, start) })
  return {
    async write(batch) {
      const refused = new Map<StreamRecord, RecordError>()
      const parts =
        destination.kind === 'constant'
          ? [{ path: destination.path, batch }]
          : await routeByPath(destination, batch, refused)
      await writer.write(parts, refused)
      if (refused.size > 0) throw new PartialWriteError(refused)
    },

    async flush() {
      const { state, durable } = files.flush()
      await durable
      return state
    },

    async commit(state) {
      files.committed(state)
      await intents.forget(state.intents)
    },

    async restore(state) {
      await recover(context.storage, intents, state, movedAway(settings, context))
      files.begin(state, { overwrite: settings.mode === 'overwrite' && state === undefined })
      // What can be known at the start is said at the start.
      if (destination.kind === 'constant')
        encodeInto(await openAtStart(files, destination.path), NO_RECORDS, context.encode)
    },

    async close() {
      await files.close()
      await intents.close()
    },
  }
}

const NO_RECORDS = recordsBatch([])

function outputFiles(
  destination: Destination,
  settings: Settings,
  intents: Intents,
  context: SinkContext,
): OutputFiles {
  const { storage, log, startBytes } = context
  let saidFolder = false
  return new OutputFiles({
    storage,
    intents,
    maxOpen: settings.max_open_files,
    startBytes,
    createFolders: settings.create_dirs,
    moved: movedAway(settings, context),
    madeFolder(folder) {
      if (!saidFolder) log.info(`made the folder ${folder}`)
      saidFolder = true
    },
    async guard(path) {
      if (destination.kind === 'templated') await refuseOutside(storage, destination.base, path)
    },
  })
}

function movedAway({ when_moved }: Settings, { log }: SinkContext): ((path: string) => void) | undefined {
  if (when_moved === 'stop') return undefined
  return (path) => log.info(`${path} was moved away: going on in a new file`)
}

async function openAtStart(files: OutputFiles, path: string): Promise<OutputFile> {
  try {
    return await files.open(path)
  } catch (error) {
    throw cannotCreate(error, path)
  }
}
