// @ts-check
import { join, resolve } from 'node:path'
import {
  defineSource,
  errorCode,
  makeRecord,
  messageOf,
  option,
  RecordError,
  recordsBatch,
  StreamrunError,
  sleep,
} from 'streamrun/plugin'
import { readFile, SUFFIX } from './files.js'

const PARTITION = 'files'
const BATCH = 10

export const spoolSource = defineSource({
  type: 'spool',
  summary: 'Reads a folder of files with one JSON value each, and removes those that are safe.',
  delivery: 'replayable',
  options: {
    folder: option.text({
      description: 'The folder. Files must come with rising names, and by a rename, so that none is read half.',
      minLength: 1,
      examples: ['inbox'],
    }),
    follow: option.boolean({
      description: 'true: waits for files that are still to come. false: ends after those that are there.',
      default: true,
    }),
    poll: option.duration({ description: 'How often it looks for new files.', default: '500ms' }),
  },
  check: ({ folder }) => ({ reads: [join(resolve(folder), `*${SUFFIX}`)] }),
  open: (options, context) => new Spool(options, context),
})

class Spool {
  /** @typedef {import('streamrun/plugin').SourceContext} SourceContext */

  /**
   * @param {{ folder: string, follow: boolean, poll: number }} options
   * @param {SourceContext} context
   */
  constructor({ folder, follow, poll }, context) {
    this.folder = resolve(folder)
    this.follow = follow
    this.poll = poll
    this.context = context
  }

  async *batches() {
    const { clock, stopping } = this.context
    let last = String((await this.context.resume(PARTITION)) ?? '')
    while (!stopping.aborted) {
      const names = (await this.names()).filter((name) => name > last)
      for (let at = 0; at < names.length && !stopping.aborted; at += BATCH) {
        const some = names.slice(at, at + BATCH)
        last = some.at(-1) ?? last
        yield { ...(await this.read(some)), partition: PARTITION, position: last, caughtUp: last === names.at(-1) }
      }
      if (!this.follow) return
      await sleep(clock, this.poll, stopping)
    }
  }

  /**
   * What is durable downstream is not needed any more. Called again after a crash: what is gone already is no error.
   * @param {ReadonlyMap<string, import('streamrun/plugin').Json>} positions
   */
  async commit(positions) {
    const position = String(positions.get(PARTITION) ?? '')
    const done = (await this.names()).filter((name) => name <= position)
    for (const name of done) await this.context.storage.remove(join(this.folder, name))
    if (done.length > 0) await this.context.storage.syncFolder(this.folder)
  }

  /** In the order in which they are read. */
  async names() {
    const { health, storage } = this.context
    try {
      const entries = await storage.list(this.folder)
      health.ok()
      const files = entries.filter(({ kind, name }) => kind === 'file' && name.endsWith(SUFFIX))
      return files.map(({ name }) => name).sort()
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      if (!this.follow) throw new StreamrunError('SR_INPUT_MISSING', `there is no folder ${this.folder}`)
      health.degraded('its folder is not there')
      return []
    }
  }

  /** @param {readonly string[]} names */
  async read(names) {
    const records = []
    const failed = []
    for (const name of names) {
      const raw = await readFile(this.context.storage, join(this.folder, name))
      const origin = { component: this.context.id, partition: PARTITION, position: { name } }
      try {
        const value = JSON.parse(raw.toString('utf8'))
        records.push(makeRecord({ value, timestamp: this.context.clock.now(), origin }))
      } catch (error) {
        // A bad record is no reason to stop: it goes to the dead letters, with its bytes.
        failed.push({ error: new RecordError('SR_JSON_INVALID', messageOf(error)), raw, origin })
      }
    }
    return { records: recordsBatch(records), failed }
  }
}
