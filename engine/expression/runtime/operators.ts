import { fail, placed } from './failure.ts'
import type { Guard } from './guard.ts'
import { deepEqual, isNumeric, type Sequence } from './values.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type OrderOperator = '<' | '<=' | '>' | '>='

export function arithmetic(op: ArithmeticOperator, left: unknown, right: unknown, position: number): unknown {
  try {
    if (left !== undefined && !isNumeric(left)) fail('T2001', { value: left })
    if (right !== undefined && !isNumeric(right)) fail('T2002', { value: right })
  } catch (thrown) {
    throw placed(thrown, op, position)
  }
  if (left === undefined || right === undefined) return undefined
  return calculated(op, left as number, right as number)
}

function calculated(op: ArithmeticOperator, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
  }
}

export function negate(value: unknown, position: number): unknown {
  if (value === undefined) return undefined
  if (!isNumeric(value)) fail('D1002', { position, token: '-', value })
  return -value
}

export function equal(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && deepEqual(left, right)
}

export function unequal(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && !deepEqual(left, right)
}

export function order(op: OrderOperator, left: unknown, right: unknown, position: number): boolean | undefined {
  if (!isComparable(left) || !isComparable(right)) {
    const isLeft = typeof left !== 'string' && typeof left !== 'number'
    fail('T2010', { value: isLeft ? left : right, position, token: op })
  }
  if (left === undefined || right === undefined) return undefined
  if (typeof left !== typeof right) fail('T2009', { value: left, value2: right, position, token: op })
  return ordered(op, left, right)
}

function isComparable(value: unknown): value is undefined | string | number {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}

function ordered(op: OrderOperator, left: string | number, right: string | number): boolean {
  switch (op) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

export function includes(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  if (!Array.isArray(right)) return right === left
  for (let index = 0; index < right.length; index++) if (right[index] === left) return true
  return false
}

export function range(left: unknown, right: unknown, position: number, guard: Guard): unknown {
  const failed = (code: string, value: unknown) => fail(code, { value, position, token: '..' })
  if (left !== undefined && !Number.isInteger(left)) failed('T2003', left)
  if (right !== undefined && !Number.isInteger(right)) failed('T2004', right)
  if (left === undefined || right === undefined) return undefined
  const [first, last] = [left as number, right as number]
  if (first > last) return undefined
  const size = last - first + 1
  if (size > 1e7) failed('D2014', size)
  if (size > guard.sequence) failed('D2015', size)
  return numbersFrom(first, size)
}

function numbersFrom(first: number, size: number): Sequence {
  const result: Sequence = new Array(size)
  // What is added to -0 is no longer it.
  result[0] = first
  for (let index = 1; index < size; index++) result[index] = first + index
  result.sequence = true
  return result
}
