import type { Json } from '../../../engine/plugin.ts'
import { boundsFaults } from '../../shared/bounds.ts'
import { isKeyValue, keyParts } from '../../shared/by.ts'
import { type Fault, fault } from '../../shared/fault.ts'
import { parsePath } from '../../shared/path.ts'
import { DETECTOR_NAMES, detectorsIn, type Given, type GivenRule } from './rule.ts'

type Path = Fault['path']

/** What is wrong with options that are each valid by themselves. */
export function faultsOf({ rules, mark }: Given): readonly Fault[] {
  const names = rules.map(({ name }) => name)
  return [
    ...(parsePath(mark) === undefined ? [fault(['mark'], 'SR_BAD_VALUE', 'is no path')] : []),
    ...rules.flatMap((rule, index) => [
      ...nameFaults(names.indexOf(rule.name) < index, ['rules', index, 'name']),
      ...ruleFaults(rule, ['rules', index]),
    ]),
  ]
}

function nameFaults(isTaken: boolean, path: Path): Fault[] {
  return isTaken ? [fault(path, 'SR_DUPLICATE_NAME', 'another rule has this name')] : []
}

function ruleFaults(rule: GivenRule, path: Path): Fault[] {
  const [first, ...others] = detectorsIn(rule)
  return [
    ...(first === undefined
      ? [fault(path, 'SR_MISSING_OPTION', 'no detector', `one of ${DETECTOR_NAMES.join(', ')}`)]
      : []),
    ...others.map((other) =>
      fault([...path, other], 'SR_OPTION_REFUSED', `there is \`${first}\` already: one detector a rule`),
    ),
    ...(rule.threshold === undefined ? [] : boundsFaults(rule.threshold, [...path, 'threshold'])),
    ...expectedFaults(rule, [...path, 'absence', 'expected']),
  ]
}

/** A key that no record can have would be missed for ever. */
function expectedFaults({ absence, by }: GivenRule, path: Path): Fault[] {
  if (absence?.expected === undefined) return []
  const parts = keyParts(by)
  if (parts.length === 0)
    return [fault(path, 'SR_OPTION_REFUSED', 'without `by` records have no keys', 'add `by`, or leave it out')]
  const hint =
    parts.length === 1
      ? 'it is a text, a number, true or false'
      : `it is a list of the ${parts.length} values of \`by\`: [${parts.map(({ name }) => name).join(', ')}]`
  return absence.expected.flatMap((key, index) =>
    isKey(key, parts.length) ? [] : [fault([...path, index], 'SR_BAD_VALUE', 'is no key of this rule', hint)],
  )
}

function isKey(key: Json, parts: number): boolean {
  if (parts === 1) return isKeyValue(key)
  return Array.isArray(key) && key.length === parts && key.every(isKeyValue)
}
