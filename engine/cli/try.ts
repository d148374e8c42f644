import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Component, Definition, SourceComponent } from '../config/definition.ts'
import { didYouMean } from '../config/nearest.ts'
import { EXIT, StreamrunError } from '../errors.ts'
import { makeLogger } from '../observe/logger.ts'
import { seededRandom } from '../random.ts'
import { SharedThings } from '../runtime/shared-things.ts'
import { diskStorage } from '../storage.ts'
import { Observation, observed } from '../trial/observe.ts'
import { privateStorage } from '../trial/private-storage.ts'
import { replaying, type Sample, takeSample } from '../trial/sample.ts'
import { Script } from '../trial/script-source.ts'
import { STATE_DIR, Trial } from '../trial/trial.ts'
import {
  type CommonOptions,
  readEnvironment,
  readText,
  usesColours,
  withDefinitions,
  writeErr,
  writeOut,
} from './common.ts'
import { reportTrial } from './try-report.ts'
import { describeTrial } from './try-text.ts'

export interface TryCommandOptions extends CommonOptions {
  readonly sample?: readonly string[]
  readonly limit: number
}

/** `streamrun try`: what each step of a pipeline does with a few records. Nothing is written anywhere. */
export function tryPipeline(file: string, options: TryCommandOptions): Promise<number> {
  return withDefinitions([file], options, async ([definition]) => {
    if (definition === undefined) return EXIT.definition
    const named = namedSamples(options.sample ?? [], definition)
    const variables = await readEnvironment(options.envFile)
    const samples = new Map<string, Sample | Script>()
    for (const source of definition.components.filter((one) => one.kind === 'source')) {
      samples.set(source.name, await sampleFor(source, named.get(source.name), definition, variables, options.limit))
    }
    const seen = new Map<string, Observation>()
    const trial = new Trial(definition, {
      disk: diskStorage(),
      start: systemClock().now(),
      variables,
      inPlace: (component) => replacement(component, samples, seen),
    })
    const { error } = await trial.end()
    const report = await reportTrial({ definition, samples, seen, trial })
    writeOut(options.json ? `${JSON.stringify(report, null, 2)}\n` : describeTrial(report))
    if (error === undefined) return EXIT.done
    writeErr(`${error instanceof StreamrunError ? `${error.code} ` : ''}${error.message}\n`)
    return error instanceof StreamrunError ? error.exitCode : EXIT.defect
  })
}

/** `FILE` for the only source, or `NAME=FILE`. */
function namedSamples(given: readonly string[], { components }: Definition): ReadonlyMap<string, string> {
  const sources = components.filter(({ kind }) => kind === 'source').map(({ name }) => name)
  return new Map(
    given.map((text): [string, string] => {
      const [, name, file] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text) ?? []
      if (name === undefined || file === undefined) {
        const [only] = sources
        if (only !== undefined && sources.length === 1) return [only, text]
        throw new StreamrunError('SR_USAGE', `--sample ${text}: for which source? NAME=FILE, of ${sources.join(', ')}`)
      }
      if (sources.includes(name)) return [name, file]
      const hint = didYouMean(name, sources) ?? `there are ${sources.join(', ')}`
      throw new StreamrunError('SR_USAGE', `--sample ${text}: there is no source "${name}"; ${hint}`)
    }),
  )
}

async function sampleFor(
  source: SourceComponent,
  file: string | undefined,
  definition: Definition,
  variables: Readonly<Record<string, string>>,
  limit: number,
): Promise<Sample | Script> {
  if (file !== undefined) await checkSample(file)
  if (file !== undefined && source.options.path === undefined) return linesOf(file, limit)
  const environment = {
    clock: systemClock(),
    storage: privateStorage(diskStorage(), STATE_DIR),
    random: seededRandom(1),
    stdout: { colours: false, write: async () => {} },
    logger: makeLogger({ level: 'error', format: 'text', colours: usesColours(process.stderr), write: writeErr }),
    variables,
    shared: new SharedThings(),
    readOnly: true,
  }
  const trial = { ...definition, stateDir: STATE_DIR }
  return takeSample(file === undefined ? source : readingFrom(source, file), trial, environment, limit)
}

/** A source that follows files would wait for one that is not there. */
async function checkSample(file: string): Promise<void> {
  const found = await diskStorage().stat(resolve(file))
  if (found?.kind === 'file') return
  const reason = found === undefined ? 'there is no such file' : 'it is no file'
  throw new StreamrunError('SR_INPUT_MISSING', `--sample ${file}: ${reason}`)
}

/** A source of files reads the sample as it reads its own. */
function readingFrom(source: SourceComponent, file: string): SourceComponent {
  const path = Array.isArray(source.options.path) ? [resolve(file)] : resolve(file)
  return { ...source, options: { ...source.options, path } }
}

async function linesOf(file: string, limit: number): Promise<Script> {
  const text = await readText(file).catch((error: Error) => {
    throw new StreamrunError('SR_INPUT_MISSING', `--sample ${file}: ${error.message}`)
  })
  const lines = text.split('\n').filter((line) => line !== '')
  const script = new Script()
  script.give(lines.slice(0, limit).map((raw) => ({ value: raw, raw })))
  script.end()
  return script
}

function replacement(
  component: Component,
  samples: ReadonlyMap<string, Sample | Script>,
  seen: Map<string, Observation>,
): Component | undefined {
  if (component.kind === 'processor') {
    const observation = new Observation()
    seen.set(component.name, observation)
    return observed(component, observation, systemClock())
  }
  if (component.kind !== 'source') return undefined
  const sample = samples.get(component.name)
  if (sample instanceof Script) return sample.inPlaceOf(component)
  return sample === undefined ? undefined : replaying(component, sample)
}
