import type { Check, Sight } from '../plugin.ts'
import type { Wiring } from '../topology/wiring.ts'
import type { Draft } from './components.ts'
import type { FaultLog } from './faults.ts'
import { type Language, reportName } from './syntax.ts'
import type { ParsedText } from './values.ts'

/** A file as far as it takes to tell what its expressions see. */
export interface Seeing {
  readonly drafts: readonly Draft[]
  readonly wiring: Wiring
  readonly checks: ReadonlyMap<string, Check>
  readonly language: Language
}

/**
 * JSONata takes a field that is not there for a missing value and says nothing: where it is known which fields there can
 * be, a name that is none of them is a fault. Everywhere else nothing is said.
 */
export async function reportUnknownFields(seeing: Seeing, faults: FaultLog): Promise<void> {
  const sightOf = sights(seeing)
  const looks = seeing.drafts.flatMap((draft) =>
    draft.texts.flatMap((text) => {
      const sight = sightOf(draft, text)
      return sight === undefined ? [] : [{ text, sight }]
    }),
  )
  if (looks.length === 0) return
  // Loaded for definitions that have something to look at.
  const { sightFaults } = await import('../expression/sight.ts')
  for (const { text, sight } of looks) {
    for (const fault of sightFaults(text, sight, seeing.language.regexEngine)) reportName(fault, 0, text, faults)
  }
}

type Seen = Pick<Sight, 'fields' | 'clock'>

function sights({ drafts, wiring, checks }: Seeing): (draft: Draft, text: ParsedText) => Seen | undefined {
  const isWired = wiring.faults.length === 0
  /** What comes into a component. */
  const known = new Map<string, readonly string[] | undefined>()

  /** What the records of a component can have; undefined where there is no telling. */
  function fieldsOf(draft: Draft): readonly string[] | undefined {
    const { kind, name, settings } = draft
    if (kind === 'source') return checks.get(name)?.fields
    const isSame =
      kind === 'channel' || (settings?.plugin.kind === 'processor' && settings.plugin.changes === 'nothing')
    return isSame ? fieldsInto(draft) : undefined
  }

  function fieldsInto(draft: Draft): readonly string[] | undefined {
    const { name } = draft
    if (!known.has(name)) known.set(name, fieldsOfInputs(draft))
    return known.get(name)
  }

  function fieldsOfInputs({ name, part }: Draft): readonly string[] | undefined {
    if (!isWired || part.from?.includes(undefined)) return undefined
    const all = (wiring.inputs.get(name) ?? []).map(({ component }) => {
      const origin = drafts.find((one) => one.name === component)
      return origin && fieldsOf(origin)
    })
    return all.length > 0 && all.every((one) => one !== undefined) ? [...new Set(all.flat())] : undefined
  }

  return (draft, { path }) => {
    const option = path.slice(draft.path.length)
    const own = checks.get(draft.name)?.sees?.find((sight) => isSamePath(sight.path, option))
    if (own !== undefined) return own
    if (draft.kind === 'source') return option[0] === 'timestamp' ? seen(fieldsOf(draft)) : undefined
    return seesInput(draft, option) ? seen(fieldsInto(draft)) : undefined
  }
}

function seen(fields: readonly string[] | undefined): Seen | undefined {
  return fields && { fields, clock: true }
}

function seesInput({ settings }: Draft, [option]: ParsedText['path']): boolean {
  const plugin = settings?.plugin
  const isReader = plugin?.kind === 'processor' || plugin?.kind === 'sink'
  return isReader && (plugin.overRecords as readonly unknown[] | undefined)?.includes(option) === true
}

function isSamePath(one: Sight['path'], other: ParsedText['path']): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index])
}
