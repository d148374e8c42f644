import type { Definition } from '../config/definition.ts'
import { EXIT } from '../errors.ts'
import { describeGuarantee, guarantees } from '../topology/guarantee.ts'
import { partitionKeys } from '../topology/keys.ts'
import { describeMermaid } from '../topology/mermaid.ts'
import { planTopology } from '../topology/segments.ts'
import { describeSharing } from '../topology/sharing.ts'
import { describeWiring } from '../topology/wiring.ts'
import { type CommonOptions, withDefinitions, writeOut } from './common.ts'

export interface GraphCommandOptions extends CommonOptions {
  readonly format: 'text' | 'mermaid'
}

/** `streamrun graph`: the wiring as resolved, the segments that it is cut into, and what each path guarantees. */
export function graph(files: readonly string[], options: GraphCommandOptions): Promise<number> {
  return withDefinitions(files, options, async (definitions) => {
    if (options.json) writeOut(`${JSON.stringify(definitions.map(graphData), null, 2)}\n`)
    else if (options.format === 'mermaid') writeOut(describeMermaid(definitions))
    else writeOut(definitions.map(describe).join('\n'))
    return EXIT.done
  })
}

function describe(definition: Definition): string {
  const segments = planTopology(definition).segments.flatMap(({ id, sharing }, index) => [
    `  segment ${index + 1}, fed by ${id.replaceAll(' ', ', ')}`,
    ...(sharing === undefined ? [] : [`    ${describeSharing(sharing)}`]),
  ])
  const paths = guarantees(definition).map((path) => `  ${describeGuarantee(path)}`)
  return [definition.name, describeWiring(definition), ...segments, ...paths, ''].join('\n')
}

function graphData(definition: Definition) {
  const keys = partitionKeys(definition)
  const components = definition.components.map((component) => ({
    name: component.name,
    kind: component.kind,
    type: component.type,
    inputs:
      component.kind === 'source'
        ? []
        : component.inputs.map(({ component: from, port }) => ({ from, ...(port && { port }) })),
    ...(keys.has(component.name) ? { keyed_by: keys.get(component.name)?.by } : {}),
  }))
  const segments = planTopology(definition).segments.map(({ id, sharing }) => ({ fed_by: id.split(' '), sharing }))
  return { name: definition.name, file: definition.file, components, segments, guarantees: guarantees(definition) }
}
