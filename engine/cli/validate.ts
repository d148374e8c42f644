import type { Definition } from '../config/definition.ts'
import { EXIT } from '../errors.ts'
import { describeGuarantee, guarantees } from '../topology/guarantee.ts'
import { partitionKeys } from '../topology/keys.ts'
import { type CommonOptions, withDefinitions, writeOut } from './common.ts'

/** `streamrun validate`: exit code 78 and every fault, or what each path of each file guarantees. */
export function validate(files: readonly string[], options: CommonOptions): Promise<number> {
  return withDefinitions(files, options, async (definitions) => {
    writeOut(options.json ? '[]\n' : definitions.map(describe).join(''))
    return EXIT.done
  })
}

function describe(definition: Definition): string {
  const paths = guarantees(definition).map((path) => `  ${describeGuarantee(path)}\n`)
  const keys = [...partitionKeys(definition)].map(([name, { by }]) => `  ${name} is keyed by ${by}\n`)
  return `${definition.file}: valid\n${paths.join('')}${keys.join('')}`
}
