import type { Native } from '../runtime/apply.ts'
import type { Guard } from '../runtime/guard.ts'
import type { SyntaxNode } from '../syntax.ts'
import type { Code } from './code.ts'
import type { Scope } from './scope.ts'

/** Where a piece of an expression stands: what it can refer to, and where its code goes. */
export interface Place {
  readonly unit: Unit
  readonly input: Input
  readonly scope: Scope
  /** General code without short cuts: for what is hardly ever run, so that code does not double at every level. */
  readonly compact: boolean
  /** The function around it is an argument: it has no name that errors could tell. */
  readonly anonymous: boolean
}

/** What is the same for a whole expression. */
export interface Unit {
  readonly code: Code
  readonly guard: Guard
  readonly natives: ReadonlyMap<string, Native>
  /** Objects that are made have no prototype, as those of the package: see `tellsTextsApart`. */
  readonly bare: boolean
  /** Natives that the code calls by name, trusting that no binding has taken the name. */
  readonly trusted: Set<string>
  /** Calls in the last place of a function that are taken for functions; see `heldCalls`. */
  readonly held: ReadonlySet<SyntaxNode>
  /** Natives that note each of their calls; see `marks.ts`. */
  readonly marked: ReadonlySet<string>
  /** True: bindings have taken names of natives, and every name is looked up. */
  readonly shadowed: boolean
  /** Names that paths bind on their way, and labels of parents. */
  readonly tupleNames: ReadonlySet<string>
  readonly hasTuples: boolean
  /** It has `*` or `**`, which find texts and numbers beside objects. */
  readonly isMixed: boolean
  /** It has a transform, which can make holes in arrays. */
  readonly writes: boolean
  /** Fields may hold sequences of one item; see `nestsSequences`. */
  readonly nests: boolean
  /** JavaScript names of what the bindings may hold. */
  readonly globals: Map<string, string>
  /** The line where globals are read. */
  readonly globalsLine: number
  readonly regexEngine: unknown
  /** The parser copies what stands before `??` and `?:` by way of JSON, which loses regular expressions. */
  readonly regexes: ReadonlyMap<unknown, RegExp>
}

/** The value that a piece is evaluated for. */
export interface Input {
  readonly js: string
  /** The same where it is a plain object: the name whose shape the engine has looked at. */
  readonly object: string
  /** The line where it can be asked whether it is a plain object; see `isDataName`. */
  readonly line: number
  data: string | undefined
  /** It is likely to be an array: the items of a group. */
  readonly isList: boolean
}

/** A value in the making: a JavaScript name or literal, which can be repeated. */
export interface Value {
  readonly js: string
  /** What it can be: a sum of the constants below. */
  readonly kinds: number
  /** What an array is written as, where it is written out. */
  readonly items?: readonly Value[]
  /** The only fields that an object can have, in their order, where they are written out; it may miss some. */
  readonly fields?: readonly string[]
}

export const UNDEFINED = 1
export const BOOLEAN = 2
export const NUMBER = 4
export const STRING = 8
export const NULL = 16
export const OBJECT = 32
export const ARRAY = 64
export const FUNCTION = 128
/** A sequence, of which a single item still has to stand for itself. */
export const RAW = 256
/** An array of the code's own that means a sequence but is not marked as one. */
export const LIST = 512
/** Finished, but what a sequence held may be a sequence again, which the next evaluation around it opens. */
export const NESTED = 1024
export const ANY = UNDEFINED | BOOLEAN | NUMBER | STRING | NULL | OBJECT | ARRAY | FUNCTION

export function can(value: Value, kinds: number): boolean {
  return (value.kinds & kinds) !== 0
}

/** A value that an evaluation around it hands on. */
export function handedOn(value: Value): Value {
  return can(value, NESTED) ? { ...value, kinds: (value.kinds & ~NESTED) | RAW } : value
}

export function asValue(js: string, kinds: number): Value {
  return { js, kinds }
}

/** Code of the user's that cannot be compiled; `message` says why. */
export class Uncompilable extends Error {}

export function inputOf(code: Code, js: string, isList = false): Input {
  return { js, object: js, line: code.reserve(), data: undefined, isList }
}

/** A JavaScript name that is true when the input is a plain object. */
export function isDataName(unit: Unit, input: Input): string {
  const { code } = unit
  if (input.data === undefined) {
    input.data = code.name()
    code.fill(input.line, `const ${input.data} = ${isDataCode(input.js, unit)}`)
  }
  return input.data
}

/**
 * Whether `js` is a plain object, written out at each place: a function would see the shapes of all the places that call
 * it, and be slow for each. Without `typeof` where it can be: the engine looks at the shape of the value anyway, which is
 * slow only for texts and numbers with their many shapes.
 */
export function isDataCode(js: string, { isMixed }: Unit): string {
  if (!/^[A-Za-z]\w*$/.test(js)) return `isData(${js})`
  const isThere = `${isMixed ? `typeof ${js} === 'object'` : `${js} !== undefined`} && ${js} !== null`
  const unmarked = `${js}._jsonata_lambda !== true && ${js}._jsonata_function !== true`
  return `${isThere} && ${unmarked} && (prototypeOf(${js}) === objectPrototype || prototypeOf(${js}) === null)`
}

export type Node = SyntaxNode

export function nodes(part: unknown): readonly Node[] {
  return (part ?? []) as readonly Node[]
}

export function node(part: unknown): Node {
  return part as Node
}

/** The position of a node as it stands in code. */
export function positionOf({ position }: Node): string {
  return typeof position === 'number' ? String(position) : 'undefined'
}
