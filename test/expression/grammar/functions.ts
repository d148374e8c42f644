import { list, type Tree, tree } from '../tree.ts'
import {
  field,
  integerPicture,
  moment,
  momentPicture,
  numberish,
  numberPicture,
  numeral,
  pattern,
  replacement,
  smallNumber,
  symbols,
  zone,
} from './literals.ts'
import { operand } from './paths.ts'
import type { Rule, Rules, Sort, Writer } from './writer.ts'

type Argument = Sort | Rule

interface Builtin {
  readonly name: string
  readonly needs: readonly Argument[]
  readonly takes?: readonly Argument[]
  readonly gives: Sort
}

/** A function of the language, with arguments that are right most of the time, and sometimes too few or too many. */
export function callFor(sort: Sort): Rule {
  const fitting = sort === 'any' ? BUILTINS : BUILTINS.filter(({ gives }) => gives === sort || gives === 'any')
  return (write, depth) => call(write, depth, write.pick(fitting))
}

export const functionReference: Rule = (write) => tree('function reference')`$${write.pick(BUILTINS).name}`

export const partial: Rule = (write, depth) => {
  const { name, needs, takes = [] } = write.pick(BUILTINS)
  const all = [...needs, ...takes]
  const open = write.between(0, Math.max(0, all.length - 1))
  const args = all.map((one, index) => (index === open || write.often(0.15) ? '?' : argument(write, depth, one)))
  return tree('partial')`$${name}(${list(args.length === 0 ? ['?'] : args)})`
}

/** `value ~> $call(...)`, or a call as a step, with the value as its context. */
export const chained: Rule = (write, depth) => {
  const { name, needs, takes = [] } = write.pick(BUILTINS)
  const [first = 'any', ...others] = needs
  const rest = list(
    [...others, ...takes.slice(0, write.between(0, takes.length))].map((one) => argument(write, depth, one)),
  )
  const value = argument(write, depth, first)
  return write.often(0.6)
    ? tree('chain')`${value} ~> $${name}(${rest})`
    : tree('context call')`${write.often(0.5) ? operand(write, depth) : field(write, depth)}.$${name}(${rest})`
}

function call(write: Writer, depth: number, { name, needs, takes = [] }: Builtin): Tree {
  const wanted = [...needs, ...takes.slice(0, write.between(0, takes.length))]
  const args = wanted.map((one) => argument(write, depth, one))
  if (write.often(0.04)) args.pop()
  if (write.often(0.03)) args.push(write.expression('any', depth))
  return tree(`$${name}`)`$${name}(${list(args)})`
}

function argument(write: Writer, depth: number, wanted: Argument): Tree {
  return typeof wanted === 'string' ? write.expression(wanted, depth) : wanted(write, depth)
}

const numbers: Rule = (write, depth) =>
  write.by([
    [3, () => tree('name')`q`],
    [1, () => tree('path')`a.n`],
    [1, (w, d) => tree('array')`[${list(w.some(0, 3, 'number', d))}]`],
    [1, (w, d) => w.expression('list', d)],
  ])(write, depth)

const texts: Rule = (write, depth) =>
  write.by([
    [3, () => tree('name')`w`],
    [1, () => tree('path')`a.s`],
    [1, (w, d) => tree('array')`[${list(w.some(0, 3, 'text', d))}]`],
    [1, (w, d) => w.expression('list', d)],
  ])(write, depth)

const PREDICATE_FUNCTIONS: Rules = [
  [3, (write, depth) => tree('lambda')`function($x, $i, $y){ ${write.expression('truth', depth)} }`],
  [
    2,
    (write) =>
      tree('lambda')`function($x){ ${write.pick(['$x > 1', '$x.n = 1', '$exists($x.n)', '$x = "a"', '$x', '$'])} }`,
  ],
  [1, (write) => tree('function reference')`$${write.pick(['exists', 'not', 'boolean', 'isNothing'])}`],
  [1, (write, depth) => write.expression('function', depth)],
]

const predicate: Rule = (write, depth) => write.by(PREDICATE_FUNCTIONS)(write, depth)

const MAPPERS: Rules = [
  [3, (write, depth) => tree('lambda')`function($x, $i, $y){ ${write.expression('any', depth)} }`],
  [
    2,
    (write) =>
      tree(
        'lambda',
      )`function($x, $i){ ${write.pick(['$x + $i', '[$x, $i]', '$x.n', '{"v": $x}', '$i', '[$x]', '[]'])} }`,
  ],
  [
    1,
    (write) =>
      tree('function reference')`$${write.pick(['string', 'uppercase', 'sum', 'type', 'boolean', 'round', 'count'])}`,
  ],
  [2, (write, depth) => write.expression('function', depth)],
]

const mapper: Rule = (write, depth) => write.by(MAPPERS)(write, depth)

const REDUCERS: Rules = [
  [
    3,
    (write) =>
      tree(
        'lambda',
      )`function($x, $y){ ${write.pick(['$x + $y', '$x & $y', '$append($x, $y)', '$max([$x, $y])', '[$x, $y]'])} }`,
  ],
  [1, (write, depth) => tree('lambda')`function($x, $y, $i, $z){ ${write.expression('any', depth)} }`],
  [1, (write) => tree('function reference')`$${write.pick(['append', 'power', 'sum', 'substring', 'join'])}`],
  [1, (write, depth) => write.expression('function', depth)],
]

const reducer: Rule = (write, depth) => write.by(REDUCERS)(write, depth)

const COMPARERS: Rules = [
  [
    3,
    (write) =>
      tree(
        'lambda',
      )`function($x, $y){ ${write.pick(['$x > $y', '$x < $y', '$x.n > $y.n', '$string($x) > $string($y)', 'true', '$x'])} }`,
  ],
  [1, (write, depth) => write.expression('function', depth)],
]

const comparer: Rule = (write, depth) => write.by(COMPARERS)(write, depth)

const property: Rule = (write, depth) =>
  write.often(0.8)
    ? tree('string')`"${write.pick(['n', 's', 'o', 'a', '__proto__', 'constructor', 'length'])}"`
    : write.expression('text', depth)

/** What `$eval` is given: without quotes, so that it can stand in a text. */
const program: Rule = (write) =>
  tree(
    'string',
  )`"${write.pick(['n + 1', 'a.b', '$x', '[1, 2]', '$sum(q)', '{', '$uppercase(s)', '$error(s)', '$$.o', 's[', '$ + 1'])}"`

const BUILTINS: readonly Builtin[] = [
  { name: 'sum', needs: [numbers], gives: 'number' },
  { name: 'count', needs: ['list'], gives: 'number' },
  { name: 'max', needs: [numbers], gives: 'number' },
  { name: 'min', needs: [numbers], gives: 'number' },
  { name: 'average', needs: [numbers], gives: 'number' },
  { name: 'string', needs: ['any'], takes: ['truth'], gives: 'text' },
  { name: 'substring', needs: ['text', 'number'], takes: ['number'], gives: 'text' },
  { name: 'substringBefore', needs: ['text', 'text'], gives: 'text' },
  { name: 'substringAfter', needs: ['text', 'text'], gives: 'text' },
  { name: 'lowercase', needs: ['text'], gives: 'text' },
  { name: 'uppercase', needs: ['text'], gives: 'text' },
  { name: 'length', needs: ['text'], gives: 'number' },
  { name: 'trim', needs: ['text'], gives: 'text' },
  { name: 'pad', needs: ['text', smallNumber], takes: ['text'], gives: 'text' },
  { name: 'match', needs: ['text', pattern], takes: ['number'], gives: 'list' },
  { name: 'contains', needs: ['text', pattern], gives: 'truth' },
  { name: 'replace', needs: ['text', pattern, replacement], takes: [smallNumber], gives: 'text' },
  { name: 'replace', needs: ['text', pattern, mapper], gives: 'text' },
  { name: 'split', needs: ['text', pattern], takes: ['number'], gives: 'list' },
  { name: 'join', needs: [texts], takes: ['text'], gives: 'text' },
  { name: 'formatNumber', needs: ['number', numberPicture], takes: [symbols], gives: 'text' },
  { name: 'formatBase', needs: ['number'], takes: [smallNumber], gives: 'text' },
  { name: 'formatInteger', needs: ['number', integerPicture], gives: 'text' },
  { name: 'parseInteger', needs: [numeral, integerPicture], gives: 'number' },
  { name: 'number', needs: ['any'], gives: 'number' },
  { name: 'number', needs: [numberish], gives: 'number' },
  { name: 'floor', needs: ['number'], gives: 'number' },
  { name: 'ceil', needs: ['number'], gives: 'number' },
  { name: 'round', needs: ['number'], takes: [smallNumber], gives: 'number' },
  { name: 'abs', needs: ['number'], gives: 'number' },
  { name: 'sqrt', needs: ['number'], gives: 'number' },
  { name: 'power', needs: ['number', 'number'], gives: 'number' },
  { name: 'boolean', needs: ['any'], gives: 'truth' },
  { name: 'not', needs: ['any'], gives: 'truth' },
  { name: 'map', needs: ['list', mapper], gives: 'list' },
  { name: 'zip', needs: ['list'], takes: ['list', 'list'], gives: 'list' },
  { name: 'filter', needs: ['list', predicate], gives: 'list' },
  { name: 'single', needs: ['list', predicate], gives: 'any' },
  { name: 'reduce', needs: ['list', reducer], takes: ['any'], gives: 'any' },
  { name: 'sift', needs: ['object'], takes: [predicate], gives: 'object' },
  { name: 'keys', needs: ['object'], gives: 'list' },
  { name: 'lookup', needs: ['object', property], gives: 'any' },
  { name: 'append', needs: ['any', 'any'], gives: 'list' },
  { name: 'exists', needs: ['any'], gives: 'truth' },
  { name: 'spread', needs: ['object'], gives: 'list' },
  { name: 'merge', needs: ['list'], gives: 'object' },
  { name: 'reverse', needs: ['list'], gives: 'list' },
  { name: 'each', needs: ['object', mapper], gives: 'list' },
  { name: 'error', needs: [], takes: ['text'], gives: 'any' },
  { name: 'assert', needs: ['truth'], takes: ['text'], gives: 'any' },
  { name: 'type', needs: ['any'], gives: 'text' },
  { name: 'sort', needs: ['list'], takes: [comparer], gives: 'list' },
  { name: 'sort', needs: [numbers], gives: 'list' },
  { name: 'distinct', needs: ['list'], gives: 'list' },
  { name: 'base64encode', needs: ['text'], gives: 'text' },
  { name: 'base64decode', needs: ['text'], gives: 'text' },
  { name: 'encodeUrlComponent', needs: ['text'], gives: 'text' },
  { name: 'encodeUrl', needs: ['text'], gives: 'text' },
  { name: 'decodeUrlComponent', needs: ['text'], gives: 'text' },
  { name: 'decodeUrl', needs: ['text'], gives: 'text' },
  { name: 'eval', needs: [program], takes: ['any'], gives: 'any' },
  { name: 'toMillis', needs: [moment], takes: [momentPicture], gives: 'number' },
  { name: 'fromMillis', needs: ['number'], takes: [momentPicture, zone], gives: 'text' },
  { name: 'clone', needs: ['object'], gives: 'object' },
]

export const BUILTIN_NAMES: ReadonlySet<string> = new Set(BUILTINS.map(({ name }) => name))
