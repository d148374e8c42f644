/** Random JSONata: every node type of its tree, every function, mostly with values that fit. */

import type { Random } from 'fast-check'
import { list, type Tree, tree } from '../tree.ts'
import { callFor, chained, functionReference, partial } from './functions.ts'
import {
  applied,
  block,
  call,
  composed,
  functionValue,
  lambda,
  partialOfLambda,
  program,
  transform,
  transformed,
  variable,
} from './lambdas.ts'
import * as literals from './literals.ts'
import { grouped, groupPairs, intricatePath, ordered, pathTo, predicated } from './paths.ts'
import { type Rule, type Rules, type Sort, Writer } from './writer.ts'

export { BUILTIN_NAMES } from './functions.ts'

export function writeExpression(random: Random): Tree {
  const write = new Writer(random, RULES, LEAVES)
  return write.expression('any', write.pick([1, 1, 2, 2, 2, 3, 3, 4]))
}

const LEAVES: Readonly<Record<Sort, Rules>> = {
  any: [
    [4, literals.field],
    [2, variable],
    [1, literals.number],
    [1, literals.text],
    [1, literals.nothing],
  ],
  number: [
    [3, literals.numberField],
    [2, literals.number],
    [1, () => tree('variable')`$x`],
  ],
  text: [
    [3, literals.textField],
    [2, literals.text],
    [1, () => tree('variable')`$x`],
  ],
  truth: [
    [2, literals.truth],
    [1, (write) => tree('comparison')`${write.pick(['n > 1', 'n = m', 's != "a"', '$ = 1', '$x > 2', 's < t'])}`],
  ],
  list: [
    [6, literals.listField],
    [1, literals.emptyList],
    [
      1,
      (write) => tree('array')`${write.pick(['[1, 2, 3]', '["a", "b"]', '[[1], [2, 3]]', '[null, missing]', '[1]'])}`,
    ],
    [1, () => tree('range')`[1..3]`],
    [1, () => tree('variable')`$x`],
  ],
  object: [
    [5, literals.objectField],
    [1, literals.emptyObject],
    [1, () => tree('object')`{"n": 1, "s": "b"}`],
    [1, variable],
  ],
  function: [
    [2, functionReference],
    [1, functionValue],
    [1, literals.regex],
    [1, () => tree('lambda')`function($x){ $x }`],
  ],
}

const RULES: Readonly<Record<Sort, Rules>> = {
  any: [
    [2, (write, depth) => write.by(LEAVES.any)(write, depth)],
    [3, pathTo('any')],
    [2, intricatePath],
    [2, predicated],
    [1, ordered],
    [1, grouped],
    [1, chained],
    [1, applied],
    [1, transformed],
    [1, call],
    [1, block],
    [1, program],
    [1, conditionOf('any')],
    ...(['number', 'text', 'truth', 'list', 'object'] as const).map(
      (sort) => [1, (write, depth) => write.expression(sort, depth + 1)] as const satisfies [number, Rule],
    ),
    [2, callFor('any')],
    [1, (write, depth) => tree('parallel')`[${list(write.some(1, 3, 'any', depth))}]`],
  ],
  number: [
    [2, (write, depth) => write.by(LEAVES.number)(write, depth)],
    [2, pathTo('number')],
    [3, (write, depth) => binary(write, depth, 'arithmetic', ['+', '-', '*', '/', '%'], 'number')],
    [1, (write, depth) => tree('negation')`-${write.expression('number', depth)}`],
    [4, callFor('number')],
    [1, conditionOf('number')],
  ],
  text: [
    [2, (write, depth) => write.by(LEAVES.text)(write, depth)],
    [2, pathTo('text')],
    [2, (write, depth) => binary(write, depth, 'concatenation', ['&'], 'any')],
    [5, callFor('text')],
    [1, conditionOf('text')],
  ],
  truth: [
    [1, (write, depth) => write.by(LEAVES.truth)(write, depth)],
    [3, (write, depth) => binary(write, depth, 'comparison', ['<', '<=', '>', '>='], write.pick(['number', 'text']))],
    [
      2,
      (write, depth) =>
        binary(write, depth, 'equality', ['=', '!='], write.pick(['any', 'number', 'text', 'list', 'object'])),
    ],
    [2, (write, depth) => binary(write, depth, 'logic', ['and', 'or'], write.pick(['truth', 'any']))],
    [1, (write, depth) => tree('inclusion')`${write.expression('any', depth)} in ${write.expression('list', depth)}`],
    [2, callFor('truth')],
  ],
  list: [
    [2, (write, depth) => write.by(LEAVES.list)(write, depth)],
    [2, pathTo('list')],
    [
      2,
      (write, depth) =>
        tree('array')`[${list(write.some(0, 4, write.pick(['any', 'number', 'text', 'object', 'list']), depth))}]`,
    ],
    [1, (write, depth) => tree('range')`[${rangeEnd(write, depth)}..${rangeEnd(write, depth)}]`],
    [1, predicated],
    [1, ordered],
    [5, callFor('list')],
  ],
  object: [
    [2, (write, depth) => write.by(LEAVES.object)(write, depth)],
    [1, pathTo('object')],
    [3, (write, depth) => tree('object')`{${groupPairs(write, depth)}}`],
    [1, grouped],
    [1, transformed],
    [2, callFor('object')],
  ],
  function: [
    [3, lambda],
    [1, functionReference],
    [1, functionValue],
    [1, partial],
    [1, partialOfLambda],
    [1, composed],
    [1, transform],
    [1, literals.regex],
  ],
}

function conditionOf(sort: Sort): Rule {
  return (write, depth) => {
    const value = () => write.expression(sort, depth)
    if (write.often(0.25)) return tree('default')`${value()} ?: ${value()}`
    if (write.often(0.33)) return tree('coalescing')`${value()} ?? ${value()}`
    const end = write.often(0.85) ? tree('else')` : ${value()}` : ''
    return tree('condition')`${write.expression('truth', depth)} ? ${value()}${end}`
  }
}

function binary(write: Writer, depth: number, kind: string, operators: readonly string[], sort: Sort): Tree {
  const side = () => {
    const value = write.expression(sort, depth)
    return write.often(0.3) ? tree('block')`(${value})` : value
  }
  return tree(kind)`${side()} ${write.pick(operators)} ${side()}`
}

/** Never long, and sometimes no integer. */
const rangeEnd: Rule = (write, depth) =>
  write.by([
    [6, literals.smallNumber],
    [2, () => tree('function')`$count(a)`],
    [1, (w) => tree('literal')`${w.pick(['n', 'missing', '1.5', '"a"', 'null', '$i'])}`],
  ])(write, depth)
