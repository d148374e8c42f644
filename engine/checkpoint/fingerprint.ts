import type { Component, Definition } from '../config/definition.ts'
import { StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { CheckpointStore } from './store.ts'

/**
 * State belongs to the definition that made it: a component that changed what its positions or state depend on, or
 * that vanished with state, is refused until `--reset-state NAME` gives its state up.
 */
export async function claimState(
  store: CheckpointStore,
  definition: Definition,
  reset: Reset,
  storage: Storage,
): Promise<void> {
  const current = new Map(definition.components.map((component) => [component.name, fingerprintOf(component)]))
  const owned = stateOwners(store)
  const forgotten = reset.all ? [...owned] : reset.names
  refuseUnknownNames(reset, owned, current)
  const changed = [...owned].filter(
    (name) => !forgotten.includes(name) && current.get(name) !== store.state.fingerprints.get(name),
  )
  if (changed.length > 0) throw mismatch(definition, changed, current, owned)
  for (const name of forgotten.filter((one) => store.state.sinks.has(one))) {
    await removeJournals(storage, componentFolder(definition.stateDir, name))
  }
  await store.commit({ forgotten, fingerprints: current })
}

/** Where a component keeps what must survive a restart beside its checkpoints. */
export function componentFolder(stateDir: string, component: string): string {
  return `${stateDir}/components/${component}`
}

/**
 * What a sink noted to come back to a checkpoint says nothing once that checkpoint is given up: it would undo what was
 * committed. Gone before the state is, so that a kill between the two leaves a state that still fits. Logs of file
 * channels stay: without a state they are emptied.
 */
async function removeJournals(storage: Storage, folder: string): Promise<void> {
  if ((await storage.stat(folder))?.kind !== 'folder') return
  for (const { name, kind } of await storage.list(folder)) {
    if (kind === 'file' && !name.endsWith('.log')) await storage.remove(`${folder}/${name}`)
  }
  await storage.syncFolder(folder)
}

/** What to give up before the start: everything (--fresh), or the state of some components (--reset-state). */
export interface Reset {
  readonly all: boolean
  readonly names: readonly string[]
}

/** The type, and what the plugin says that its positions and state depend on. */
function fingerprintOf(component: Component): string {
  const identity = component.check.identity
  return `${component.kind} ${component.type}${identity === undefined ? '' : ` ${JSON.stringify(identity)}`}`
}

function stateOwners(store: CheckpointStore): Set<string> {
  const { positions, sinks, tables, fingerprints } = store.state
  return new Set([...positions.keys(), ...sinks.keys(), ...tables.owners].filter((name) => fingerprints.has(name)))
}

function refuseUnknownNames(reset: Reset, owned: ReadonlySet<string>, current: ReadonlyMap<string, string>): void {
  const unknown = reset.names.find((name) => !owned.has(name) && !current.has(name))
  if (unknown === undefined) return
  const known = [...owned].join(', ') || 'nothing'
  throw new StreamrunError(
    'SR_USAGE',
    `--reset-state ${unknown}: no component of that name; state is kept for: ${known}`,
  )
}

function mismatch(
  definition: Definition,
  changed: readonly string[],
  current: ReadonlyMap<string, string>,
  owned: ReadonlySet<string>,
): StreamrunError {
  const reasons = changed.map(
    (name) => `${name} ${current.has(name) ? 'changed what its state depends on' : 'is no longer in the definition'}`,
  )
  const kept = [...owned].filter((name) => !changed.includes(name))
  const wouldKeep = kept.length > 0 ? `would keep the state of ${kept.join(', ')}` : 'would keep nothing else'
  const remedy = changed.map((name) => `--reset-state ${name}`).join(' ')
  return new StreamrunError('SR_STATE_MISMATCH', `${definition.file}: ${reasons.join('; ')}. ${remedy} ${wouldKeep}.`)
}
