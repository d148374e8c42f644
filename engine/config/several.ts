import { resolve } from 'node:path'
import type { DefinitionErrorCode } from '../errors.ts'
import type { Definition } from './definition.ts'
import type { Fault } from './faults.ts'

/** What is wrong with several definitions in one process, though each alone is right: names, state and files shared. */
export function checkDefinitions(definitions: readonly Definition[]): readonly Fault[] {
  return [...sharedNames(definitions), ...sharedState(definitions), ...sharedFiles(definitions)]
}

function sharedNames(definitions: readonly Definition[]): Fault[] {
  return shared(definitions, ({ name }) => [name]).map(({ key, first, second }) =>
    fault('SR_DUPLICATE_NAME', second, 'name', `the name "${key}" is that of ${first.file} too`),
  )
}

/** Two of the same name keep their state in one folder by default: that is said already. */
function sharedState(definitions: readonly Definition[]): Fault[] {
  return shared(definitions, ({ stateDir }) => [resolve(stateDir)])
    .filter(({ first, second }) => first.name !== second.name)
    .map(({ first, second }) =>
      fault('SR_TWO_WRITERS', second, 'state_dir', `${first.file} keeps its state in the same folder`),
    )
}

function sharedFiles(definitions: readonly Definition[]): Fault[] {
  const writesOf = ({ components }: Definition) => [...new Set(components.flatMap(({ check }) => check.writes ?? []))]
  return shared(definitions, writesOf).map(({ key, first, second }) => {
    const component = second.components.find(({ check }) => check.writes?.includes(key))
    const place = component?.place ?? START
    const path = component === undefined ? '' : `${component.kind}s.${component.name}`
    return fault('SR_TWO_WRITERS', second, path, `${first.file} writes to ${key} too`, place)
  })
}

interface Shared {
  readonly key: string
  readonly first: Definition
  readonly second: Definition
}

/** Every key that a later definition has in common with an earlier one. */
function shared(definitions: readonly Definition[], keysOf: (one: Definition) => readonly string[]): Shared[] {
  const owners = new Map<string, Definition>()
  const found: Shared[] = []
  for (const definition of definitions) {
    for (const key of keysOf(definition)) {
      const first = owners.get(key)
      if (first === undefined) owners.set(key, definition)
      else found.push({ key, first, second: definition })
    }
  }
  return found
}

const START = { line: 1, column: 1 }

function fault(code: DefinitionErrorCode, { file }: Definition, path: string, message: string, place = START): Fault {
  return { code, file, ...place, length: 1, path, message, hint: undefined, source: '' }
}
