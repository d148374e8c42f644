import { systemClock } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { didYouMean } from '../config/nearest.ts'
import { EXIT, RetryableError, StreamrunError } from '../errors.ts'
import { makeLogger } from '../observe/logger.ts'
import { systemRandom } from '../random.ts'
import { connectTopics, type Kafka, type TopicInfo, type TopicsPlace } from '../registry/topics.ts'
import type { Environment } from '../runtime/context.ts'
import { faultOf } from '../runtime/fault.ts'
import { SharedThings } from '../runtime/shared-things.ts'
import { diskStorage, errorCode } from '../storage.ts'
import { readEnvironment, usesColours, withDefinitions, writeErr } from './common.ts'
import { standardOutput } from './output.ts'

/** Options of every command that looks at topics. */
export interface TopicsOptions {
  readonly brokers?: string
  readonly topicsDir?: string
  /** The file whose connection is used. */
  readonly pipeline?: string
  /** Its name, where the file has several. */
  readonly connection?: string
  readonly envFile?: string
  readonly json?: true
}

export interface TopicSession {
  readonly kafka: Kafka
  /** What expressions read as `$env`. */
  readonly variables: Environment['variables']
  /** Resolves when standard output has taken it; ends the command when nobody reads that any more. */
  print(text: string): Promise<void>
}

/** Connects, and gives the exit code: that of `use`, or of the error that ended it. */
export async function withTopics(
  options: TopicsOptions,
  use: (session: TopicSession) => Promise<number>,
): Promise<number> {
  // Whoever read the messages may go away: that is no reason to stop.
  process.stderr.on('error', () => {})
  const { pipeline, json, envFile } = options
  try {
    const environment = await makeEnvironment(options)
    const named = placeOf(options, environment.variables)
    if (pipeline === undefined) return await useTopics(named, environment, use)
    const common = { ...(json && { json }), ...(envFile !== undefined && { envFile }) }
    return await withDefinitions([pipeline], common, async ([definition]) =>
      useTopics(connectionOf(definition as Definition, options), environment, use).catch(exitCodeOf),
    )
  } catch (error) {
    return exitCodeOf(error)
  }
}

async function useTopics(
  place: TopicsPlace,
  environment: Environment,
  use: (session: TopicSession) => Promise<number>,
): Promise<number> {
  const { kafka, close } = await connectTopics(place, environment)
  try {
    return await use({ kafka, variables: environment.variables, print: printer(environment.stdout) })
  } finally {
    await close()
  }
}

/** The topic, or an error that says which it may have been. */
export async function findTopic({ kafka }: TopicSession, name: string): Promise<TopicInfo> {
  const [info] = await kafka.topics([name])
  if (info !== undefined) return info
  const names = (await kafka.topics()).map((topic) => topic.name)
  throw missing(`${kafka.description}: there is no topic ${name}`, name, names)
}

export function missing(fault: string, name: string, names: readonly string[]): StreamrunError {
  const hint = didYouMean(name, names)
  return new StreamrunError('SR_INPUT_MISSING', hint === undefined ? fault : `${fault}; ${hint}`)
}

async function makeEnvironment({ envFile }: TopicsOptions): Promise<Environment> {
  return {
    clock: systemClock(),
    storage: diskStorage(),
    random: systemRandom(),
    stdout: standardOutput(),
    logger: makeLogger({ level: 'warn', format: 'text', colours: usesColours(process.stderr), write: writeErr }),
    variables: await readEnvironment(envFile),
    shared: new SharedThings(),
  }
}

/** The connection of type kafka that is named, or the only one. */
function connectionOf({ connections, folder, file }: Definition, { connection: name }: TopicsOptions): TopicsPlace {
  const usable = connections.filter(({ type }) => type === 'kafka')
  const names = usable.map((one) => one.name)
  const found = name === undefined ? usable : usable.filter((one) => one.name === name)
  const [component, ...others] = found
  if (component !== undefined && others.length === 0) return { component, folder }
  if (names.length === 0) throw new StreamrunError('SR_USAGE', `${file} has no connection of type kafka`)
  if (name === undefined) throw new StreamrunError('SR_USAGE', `${file}: say --connection, one of ${names.join(', ')}`)
  const hint = didYouMean(name, names) ?? `known: ${names.join(', ')}`
  throw new StreamrunError('SR_USAGE', `${file} has no connection "${name}" of type kafka; ${hint}`)
}

/** Who names a folder on the command line means embedded topics, whatever the environment says. */
function placeOf(options: TopicsOptions, variables: Environment['variables']): TopicsPlace {
  const { brokers, topicsDir, pipeline, connection } = options
  if (pipeline !== undefined && (brokers ?? topicsDir) !== undefined) {
    throw new StreamrunError('SR_USAGE', '--pipeline says where the topics are; leave --brokers and --topics-dir out')
  }
  if (pipeline === undefined && connection !== undefined) {
    throw new StreamrunError('SR_USAGE', '--connection names one of a pipeline: say --pipeline FILE, too')
  }
  if (topicsDir === undefined) return { brokers: brokers ?? (variables.KAFKA_BROKERS || 'embedded') }
  if ((brokers ?? 'embedded') === 'embedded') return { brokers: 'embedded', topicsDir }
  throw new StreamrunError('SR_USAGE', '--topics-dir is for embedded topics, and --brokers names a cluster')
}

class OutputClosed extends Error {}

function printer(stdout: Environment['stdout']): TopicSession['print'] {
  return async (text) => {
    try {
      await stdout.write([Buffer.from(text)])
    } catch (error) {
      throw errorCode(error) === 'EPIPE' ? new OutputClosed() : error
    }
  }
}

function exitCodeOf(error: unknown): number {
  // `| head -1`: there are no positions that could move on (SI-03).
  if (error instanceof OutputClosed) return EXIT.done
  if (!(error instanceof StreamrunError || error instanceof RetryableError) && errorCode(error) === undefined)
    throw error
  // What may pass by itself is not waited for here: whoever asks is there to ask again.
  const fault = error instanceof RetryableError ? new StreamrunError('SR_KAFKA_UNAVAILABLE', error.message) : error
  const { code, message, exitCode } = faultOf('topics', fault)
  writeErr(`${code} ${message}\n`)
  return exitCode
}
