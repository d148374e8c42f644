import { emit } from './emit.ts'
import {
  ARRAY,
  asValue,
  BOOLEAN,
  can,
  type Node,
  NULL,
  NUMBER,
  node,
  nodes,
  type Place,
  positionOf,
  RAW,
  STRING,
  UNDEFINED,
  type Value,
} from './place.ts'

export function emitBinary(part: Node, place: Place): Value {
  const { code } = place.unit
  const op = part.value as string
  if (op === 'and' || op === 'or') return emitLogic(part, op, place)
  const [lhs, rhs] = [node(part.lhs), node(part.rhs)]
  const isEquality = op === '=' || op === '!='
  // An array with its marks can equal an object with fields of such names.
  const unmarked = !isEquality || isLiteral(lhs) || isLiteral(rhs)
  const left = emit(lhs, place, unmarked)
  if (op === 'in') return emitMembership(left, rhs, place)
  const right = emit(rhs, place, unmarked && op !== '..')
  const position = positionOf(part)
  switch (op) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return emitArithmetic(op, left, right, position, place)
    case '=':
    case '!=':
      return asValue(code.let(equality(op, left, right)), BOOLEAN)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return asValue(code.let(ordering(op, left, right, position)), BOOLEAN | UNDEFINED)
    case '&':
      return asValue(code.let(concatenation(left, right, position, place)), STRING)
    case '..':
      return asValue(code.let(`range(${left.js}, ${right.js}, ${position}, G)`), UNDEFINED | ARRAY | RAW)
    default:
      return asValue('undefined', UNDEFINED)
  }
}

/** Members that are written out are compared one by one. */
function emitMembership(left: Value, list: Node, place: Place): Value {
  const { code } = place.unit
  const members = literals(list)
  if (members === undefined) {
    return asValue(code.let(`includes(${left.js}, ${emit(list, place, true).js})`), BOOLEAN)
  }
  const tests = members.map((member) => `${left.js} === ${emit(member, place).js}`)
  return asValue(code.let(tests.join(' || ')), BOOLEAN)
}

/** The members of an array of a few literals; undefined for anything else. */
function literals(list: Node): readonly Node[] | undefined {
  const { type, value, predicate, group, expressions } = list
  if (type !== 'unary' || value !== '[' || predicate !== undefined || group !== undefined) return undefined
  const members = nodes(expressions)
  return members.length > 0 && members.length <= 16 && members.every(isLiteral) ? members : undefined
}

function isLiteral({ type, predicate, group }: Node): boolean {
  return /^(?:string|number|value)$/.test(type) && predicate === undefined && group === undefined
}

function emitArithmetic(op: string, left: Value, right: Value, position: string, place: Place): Value {
  const { code } = place.unit
  const result = code.let('undefined')
  const guards = [...isOnly('number', NUMBER, left), ...isOnly('number', NUMBER, right)]
  // An infinite result is legal, infinite operands are not; they are told apart by the general code.
  const exact = op === '/' || op === '%'
  if (exact) guards.push(`${left.js} - ${left.js} === 0`, `${right.js} - ${right.js} === 0`)
  const computed = `${left.js} ${op} ${right.js}`
  const test = exact ? guards.join(' && ') : [...guards, `(${result} = ${computed}) - ${result} === 0`].join(' && ')
  const exactly = exact ? `${result} = ${computed}` : ''
  code.line(`if (${test}) { ${exactly} } else ${result} = arithmetic('${op}', ${left.js}, ${right.js}, ${position})`)
  return asValue(result, NUMBER | UNDEFINED)
}

function isOnly(type: string, kind: number, { js, kinds }: Value): string[] {
  return kinds === kind ? [] : [`typeof ${js} === '${type}'`]
}

const PRIMITIVE = BOOLEAN | NUMBER | STRING | NULL

function equality(op: '=' | '!=', left: Value, right: Value): string {
  const primitive = isWithin(left, PRIMITIVE) || isWithin(right, PRIMITIVE)
  if (op === '=') {
    if (primitive) return `${left.js} === ${right.js}`
    return `${left.js} === ${right.js} ? ${left.js} !== undefined : typeof ${left.js} === 'object' && equal(${left.js}, ${right.js})`
  }
  if (!primitive) return `unequal(${left.js}, ${right.js})`
  const defined = [left, right].filter((value) => can(value, UNDEFINED)).map(({ js }) => `${js} !== undefined && `)
  return `${defined.join('')}${left.js} !== ${right.js}`
}

function isWithin({ kinds }: Value, some: number): boolean {
  return (kinds & ~some) === 0
}

function ordering(op: string, left: Value, right: Value, position: string): string {
  const numbers = [...isOnly('number', NUMBER, left), ...isOnly('number', NUMBER, right)].join(' && ')
  const strings = [...isOnly('string', STRING, left), ...isOnly('string', STRING, right)].join(' && ')
  const compared = `${left.js} ${op} ${right.js}`
  if (numbers === '' || strings === '') return compared
  const general = `order('${op}', ${left.js}, ${right.js}, ${position})`
  const tests = [
    ...(can(left, NUMBER) && can(right, NUMBER) ? [numbers] : []),
    ...(can(left, STRING) && can(right, STRING) ? [strings] : []),
  ]
  return tests.length === 0 ? general : `${tests.join(' || ')} ? ${compared} : ${general}`
}

function concatenation(left: Value, right: Value, position: string, { unit: { guard } }: Place): string {
  const tests = [...isOnly('string', STRING, left), ...isOnly('string', STRING, right)].join(' && ')
  const joined = `${left.js} + ${right.js}`
  const text = tests === '' ? joined : `${tests} ? ${joined} : concat(${left.js}, ${right.js}, ${position})`
  return guard.limits.text === undefined ? text : `G.text(${text})`
}

/** The right side is evaluated inside: what fails there says the operator's place. */
function emitLogic(part: Node, op: 'and' | 'or', place: Place): Value {
  const { code } = place.unit
  const left = emit(node(part.lhs), place, true)
  const result = code.let('false')
  code.line('try {')
  code.line(`${result} = ${truth(left)}`)
  code.line(op === 'and' ? `if (${result}) {` : `if (!${result}) {`)
  const right = emit(node(part.rhs), place, true)
  code.line(`${result} = ${truth(right)}`)
  code.line('}')
  code.line(`} catch (thrown) { throw placed(thrown, '${op}', ${positionOf(part)}) }`)
  return asValue(result, BOOLEAN)
}

/** A JavaScript expression that is true or false as `$boolean` says; false for nothing. */
export function truth(value: Value): string {
  const { js, kinds } = value
  if (kinds === BOOLEAN) return js
  if (isWithin(value, BOOLEAN | UNDEFINED)) return `${js} === true`
  return `(typeof ${js} === 'boolean' ? ${js} : isTruthy(${js}))`
}

export function emitNegation(part: Node, place: Place): Value {
  const { code } = place.unit
  const value = emit(node(part.expression), place)
  return asValue(code.let(`negate(${value.js}, ${positionOf(part)})`), NUMBER | UNDEFINED)
}
