import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled, type Program } from './measure.ts'

/** The program that users run. */
export const STREAMRUN = compiled('../../bundle/streamrun.js')

/** The files at both ends of a pipeline, and what stands between. */
export interface PipelineShape {
  readonly input: string
  readonly output: string
  readonly codec: 'json' | 'lines'
  /** False: the input is read to its end. */
  readonly follow: boolean
  /** YAML of the sections `channels` and `processors`. */
  readonly between?: string
  /** True: an embedded topic stands between the two, and two flows do the work. */
  readonly topic?: boolean
}

/** The command line of a user: a pipeline file and a state directory, both in `folder`. */
export function streamrun(shape: PipelineShape, folder: string): Program {
  return program(shape.topic ? topicYaml(shape, folder) : pipelineYaml(shape), folder)
}

/** The same for the text of any pipeline file. */
export function program(yaml: string, folder: string): Program {
  const file = join(folder, 'pipeline.yaml')
  writeFileSync(file, yaml)
  return {
    script: STREAMRUN,
    args: [file, '--state-dir', join(folder, 'state'), '--quiet'],
  }
}

/** JSON text is YAML text: so a path keeps whatever is in it. */
function pipelineYaml({ input, output, codec, follow, between = '' }: PipelineShape): string {
  return `name: bench
sources:
  input: { type: file-tail, path: ${JSON.stringify(input)}, codec: ${codec}, follow: ${follow} }
${between}sinks:
  output: { type: file, path: ${JSON.stringify(output)}, codec: ${codec} }
`
}

function topicYaml({ input, output, codec, follow }: PipelineShape, folder: string): string {
  return `name: bench
connections: { topics: { type: kafka, topics_dir: ${JSON.stringify(join(folder, 'topics'))} } }
sources:
  input: { type: file-tail, path: ${JSON.stringify(input)}, codec: ${codec}, follow: ${follow} }
  events: { type: kafka, topics: events, codec: ${codec}, until: end }
sinks:
  topic: { type: kafka, from: input, topic: events, codec: ${codec} }
  output: { type: file, from: events, path: ${JSON.stringify(output)}, codec: ${codec} }
`
}

export const FILE_CHANNEL = `channels:
  buffer: { type: file, sync: always }
`

/** The same as scripts/set.ts. */
export const FILTER_AND_SET = `processors:
  purchases: { type: filter, where: event_type = "purchase" }
  bucket:
    type: jsonata
    set: { bucket: 'price < 20 ? "low" : price < 100 ? "medium" : "high"' }
`
