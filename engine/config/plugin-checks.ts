import { type DefinitionErrorCode, ERRORS, type ErrorCode, EXIT, messageOf } from '../errors.ts'
import type { Check, CheckContext } from '../plugin.ts'
import { checkCodec } from './codec-checks.ts'
import type { Draft } from './components.ts'
import type { FaultLog, Path } from './faults.ts'
import { type Node, nodeAt } from './tree.ts'

/** Asks every plugin what it knows about its options without running. By name of the component. */
export async function runChecks(
  drafts: readonly Draft[],
  world: Pick<CheckContext, 'storage' | 'definitionFolder'>,
  faults: FaultLog,
): Promise<ReadonlyMap<string, Check>> {
  const connectionOptions = (name: string) =>
    drafts.find((one) => one.kind === 'connection' && one.name === name)?.settings?.own
  const context: CheckContext = { ...world, connectionOptions }
  const checks = new Map<string, Check>()
  for (const draft of drafts) {
    if (draft.settings?.complete) checkCodec(draft, faults)
    if (draft.settings?.complete && draft.settings.common.timestamp !== undefined) {
      // Time zones and formats are loaded only for definitions that have some.
      const { checkTimestamp } = await import('./timestamp-checks.ts')
      checkTimestamp(draft, faults)
    }
    checks.set(draft.name, await runCheck(draft, context, faults))
  }
  return checks
}

/** Options that are not known in full are not checked (`--no-env`). */
async function runCheck(
  { settings, path, place, node }: Draft,
  context: CheckContext,
  faults: FaultLog,
): Promise<Check> {
  if (!settings?.complete || settings.plugin.check === undefined) return {}
  try {
    const check = await settings.plugin.check(settings.own as never, context)
    for (const { path: given, code, message, hint } of check.faults ?? []) {
      const steps = asWritten(given, node)
      const at = nodeAt(node, steps)?.node ?? place
      faults.add({ code: definitionCode(code), at, path: [...path, ...steps], message, hint })
    }
    return check
  } catch (error) {
    faults.add({ code: 'SR_OPTION_REFUSED', at: place, path, message: `its check failed: ${messageOf(error)}` })
    return {}
  }
}

/** A list of one may be written without its brackets. */
function asWritten(path: Path, node: Node): Path {
  const above = path.slice(0, -1)
  const isOnly = path.at(-1) === 0 && nodeAt(node, above)?.node.kind === 'scalar'
  return isOnly ? above : path
}

function definitionCode(code: ErrorCode): DefinitionErrorCode {
  return ERRORS[code].exit === EXIT.definition ? (code as DefinitionErrorCode) : 'SR_OPTION_REFUSED'
}

/** A source that is told another key than the one that a sink of the file writes with (one of the two is wrong). */
export function reportOtherKeys(drafts: readonly Draft[], checks: ReadonlyMap<string, Check>, faults: FaultLog): void {
  const sinks = drafts.filter(({ kind }) => kind === 'sink')
  for (const { name, kind, path, place, node } of drafts) {
    const { by, places = [] } = checks.get(name)?.partitions ?? {}
    if (kind !== 'source' || by === undefined) continue
    const other = sinks.find((sink) => isOtherKey(checks.get(sink.name)?.partitions, by, places))
    if (other === undefined) continue
    const at = nodeAt(node, ['keyed_by'])?.node ?? place
    const message = `"${other.name}" writes there by the key ${checks.get(other.name)?.partitions?.by}`
    faults.add({ code: 'SR_OPTION_REFUSED', at, path: [...path, 'keyed_by'], message })
  }
}

/** A sink that names no key may hand on the one that its records came with. */
function isOtherKey(written: Check['partitions'], by: string, places: readonly string[]): boolean {
  if (written?.by === undefined || written.by === by) return false
  return written.places.some((place) => places.includes(place))
}

/** Two components of one file that write to the same path: each would cut back and overwrite the other (SI-08). */
export function reportTwoWriters(drafts: readonly Draft[], checks: ReadonlyMap<string, Check>, faults: FaultLog): void {
  const writers = new Map<string, string>()
  for (const { name, path, place, node } of drafts) {
    for (const target of checks.get(name)?.writes ?? []) {
      const first = writers.get(target)
      writers.set(target, first ?? name)
      if (first === undefined || first === name) continue
      const at = nodeAt(node, ['path'])?.node
      const where = at === undefined ? { at: place, path } : { at, path: [...path, 'path'] }
      faults.add({ code: 'SR_TWO_WRITERS', ...where, message: `"${first}" writes there too` })
    }
  }
}
