import { systemClock } from '../clock.ts'
import { didYouMean } from '../config/nearest.ts'
import { EXIT, RetryableError, StreamrunError } from '../errors.ts'
import { makeLogger } from '../observe/logger.ts'
import { systemRandom } from '../random.ts'
import { connectTopics, type Kafka, type TopicInfo, type TopicsPlace } from '../registry/topics.ts'
import type { Environment } from '../runtime/context.ts'
import { faultOf } from '../runtime/fault.ts'
import { SharedThings } from '../runtime/shared-things.ts'
import { diskStorage, errorCode } from '../storage.ts'
import { readEnvironment, usesColours, writeErr } from './common.ts'
import { standardOutput } from './output.ts'

/** Options of every command that looks at topics. */
export interface TopicsOptions {
  readonly brokers?: string
  readonly topicsDir?: string
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
  try {
    const environment = await makeEnvironment(options)
    const { kafka, close } = await connectTopics(placeOf(options, environment.variables), environment)
    try {
      return await use({ kafka, variables: environment.variables, print: printer(environment.stdout) })
    } finally {
      await close()
    }
  } catch (error) {
    return exitCodeOf(error)
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

/** Who names a folder on the command line means embedded topics, whatever the environment says. */
function placeOf({ brokers, topicsDir }: TopicsOptions, variables: Environment['variables']): TopicsPlace {
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
