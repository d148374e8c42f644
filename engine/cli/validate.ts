import type { Definition } from '../config/definition.ts'
import type { Fault } from '../config/load.ts'
import { EXIT } from '../errors.ts'
import { describeGuarantee, guarantees } from '../topology/guarantee.ts'
import { partitionKeys } from '../topology/keys.ts'
import { planTopology } from '../topology/segments.ts'
import { describeSharing } from '../topology/sharing.ts'
import { isTestFile, type LoadedTests, loadTests } from '../trial/test-file.ts'
import { type CommonOptions, readText, reportFaults, withDefinitions, writeOut } from './common.ts'

/** `streamrun validate`: exit code 78 and every fault, or what each path of each file guarantees; test files too. */
export async function validate(files: readonly string[], options: CommonOptions): Promise<number> {
  const tests = files.filter(isTestFile)
  const faults = (await Promise.all(tests.map((file) => loadTests(file, readText)))).flatMap(faultsOf)
  if (faults.length > 0) {
    reportFaults(faults, options.json === true)
    return EXIT.definition
  }
  const pipelines = files.filter((file) => !isTestFile(file))
  const wellFormed = tests.map((file) => `${file}: valid\n`).join('')
  if (pipelines.length === 0) {
    writeOut(options.json ? '[]\n' : wellFormed)
    return EXIT.done
  }
  return withDefinitions(pipelines, options, async (definitions) => {
    writeOut(options.json ? '[]\n' : `${definitions.map(describe).join('')}${wellFormed}`)
    return EXIT.done
  })
}

function faultsOf(loaded: LoadedTests): readonly Fault[] {
  return loaded.kind === 'faults' ? loaded.faults : []
}

function describe(definition: Definition): string {
  const paths = guarantees(definition).map((path) => `  ${describeGuarantee(path)}\n`)
  const keys = [...partitionKeys(definition)].map(([name, { by }]) => `  ${name} is keyed by ${by}\n`)
  const shared = planTopology(definition).segments.flatMap(({ sharing }) =>
    sharing === undefined ? [] : [`  ${describeSharing(sharing)}\n`],
  )
  return `${definition.file}: valid\n${paths.join('')}${keys.join('')}${shared.join('')}`
}
