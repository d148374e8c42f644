import { list, type Tree, tree } from '../tree.ts'
import { field, fieldName, listField, nothing, objectField } from './literals.ts'
import type { Rule, Rules, Sort, Writer } from './writer.ts'

/** Steps joined by dots, each with what may hang on it, the last a field of the wanted sort where it can be. */
export function pathTo(sort: Sort): Rule {
  return (write, depth) => {
    const steps = Array.from({ length: write.between(0, 2) }, (_, index) => innerStep(write, depth, index))
    return tree('path')`${list([...steps, lastStep(write, depth, sort)], '.')}`
  }
}

/** What only paths have: parents, focus, positions, order, groups. */
export const intricatePath: Rule = (write, depth) => write.by(INTRICATE)(write, depth)

/** A value with predicates behind it. */
export const predicated: Rule = (write, depth) => tree('predicate')`${operand(write, depth)}${predicate(write, depth)}`

export const grouped: Rule = (write, depth) =>
  tree('group')`${write.often(0.7) ? pathTo('any')(write, depth) : operand(write, depth)}{${groupPairs(write, depth)}}`

export const ordered: Rule = (write, depth) =>
  tree(
    'order',
  )`${write.often(0.7) ? objectField(write, depth) : operand(write, depth)}^(${orderTerms(write, depth)})${write.often(0.2) ? predicate(write, depth) : ''}`

export function groupPairs(write: Writer, depth: number): Tree {
  const pairs = Array.from({ length: write.between(1, 3) }, () => {
    const key = write.often(0.5)
      ? tree('string')`"${fieldName(write).replaceAll('`', '')}"`
      : write.expression('text', depth)
    return tree('pair')`${key}: ${write.expression('any', depth)}`
  })
  return list(pairs)
}

/** In front of brackets: what is not bracketed itself would take them for its last part. */
export function operand(write: Writer, depth: number): Tree {
  const value = write.expression(write.pick(['any', 'list', 'object']), depth)
  return write.often(0.5) ? tree('block')`(${value})` : value
}

function innerStep(write: Writer, depth: number, index: number): Tree {
  const step = write.by(index === 0 ? FIRST_STEPS : INNER_STEPS)(write, depth)
  return write.often(0.25) ? tree('step')`${step}${stepEnd(write, depth)}` : step
}

function lastStep(write: Writer, depth: number, sort: Sort): Tree {
  const step = write.by(LAST_STEPS[sort])(write, depth)
  return write.often(0.12) ? tree('step')`${step}${stepEnd(write, depth)}` : step
}

function stepEnd(write: Writer, depth: number): Tree {
  return write.by(STEP_ENDS)(write, depth)
}

function predicate(write: Writer, depth: number): Tree {
  return write.by(PREDICATES)(write, depth)
}

function orderTerms(write: Writer, depth: number): Tree {
  const terms = Array.from({ length: write.between(1, 2) }, () => {
    const term = write.by([
      [4, (w) => w.pick(['n', 's', '$', 'm', 'z'])],
      [1, (w, d) => w.expression('number', d)],
      [1, (w, d) => w.expression('text', d)],
      [1, (w, d) => w.expression('any', d)],
    ])(write, depth)
    return tree('term')`${write.pick(['', '<', '>'])}${term}`
  })
  return list(terms)
}

const root: Rule = (write) => tree('variable')`${write.pick(['$', '$$', '$x', '$e'])}`

const wildcard: Rule = () => tree('wildcard')`*`

const descendant: Rule = () => tree('descendant')`**`

const quotedStep: Rule = (write) => tree('quoted name')`"${write.pick(['a', 'n', 's', 'x y', '__proto__'])}"`

const blockStep: Rule = (write, depth) => tree('block')`(${write.expression('any', depth)})`

const arrayStep: Rule = (write, depth) => tree('array')`[${list(write.some(0, 2, 'any', depth))}]`

const objectStep: Rule = (write, depth) => tree('object')`{${groupPairs(write, depth)}}`

const parentStep: Rule = () => tree('parent')`%`

const FIRST_STEPS: Rules = [
  [6, objectField],
  [2, field],
  [2, root],
  [1, wildcard],
  [1, descendant],
  [1, blockStep],
  [1, arrayStep],
]

const INNER_STEPS: Rules = [
  [8, objectField],
  [2, field],
  [1, wildcard],
  [1, descendant],
  [1, blockStep],
  [1, arrayStep],
  [1, parentStep],
  [1, quotedStep],
  [1, root],
]

/** Any value can be a last step: it is evaluated for each of what the path has found. */
function lastSteps(sort: Sort, field: string): Rules {
  return [
    [10, (write) => tree('name')`${write.often(0.5) ? field : write.pick(['n', 's', 'o', 'a', 'q', 'w', 'z'])}`],
    [1, wildcard],
    [1, quotedStep],
    [1, arrayStep],
    [1, objectStep],
    [1, nothing],
    [2, (write, depth) => tree('block')`(${write.expression(sort, depth)})`],
    [2, (write, depth) => write.expression(sort, depth)],
  ]
}

const LAST_STEPS: Readonly<Record<Sort, Rules>> = {
  any: lastSteps('any', 'z'),
  number: lastSteps('number', 'n'),
  text: lastSteps('text', 's'),
  truth: lastSteps('truth', 'z'),
  list: lastSteps('list', 'q'),
  object: lastSteps('object', 'o'),
  function: lastSteps('function', 'z'),
}

const PREDICATES: Rules = [
  [4, (write) => tree('index')`[${String(write.between(-2, 3))}]`],
  [4, (write, depth) => tree('filter')`[${write.expression('truth', depth)}]`],
  [2, (write) => tree('filter')`[${write.pick(['n > 1', 's = "a"', 'n', '$ > 2', 'a', '$.n', 'z != null'])}]`],
  [1, (write, depth) => tree('filter')`[${write.expression('any', depth)}]`],
  [1, (write, depth) => tree('indexes')`[[${list(write.some(1, 2, 'number', depth))}]]`],
  [1, () => tree('indexes')`[[0..1]]`],
  [2, () => tree('keep array')`[]`],
]

const STEP_ENDS: Rules = [
  [6, predicate],
  [1, (write, depth) => tree('predicates')`${predicate(write, depth)}${predicate(write, depth)}`],
  [1, () => tree('position')`#$i`],
  [1, (write, depth) => tree('position')`#$i${predicate(write, depth)}`],
  [1, (write, depth) => tree('position')`${predicate(write, depth)}#$i`],
  [1, () => tree('focus')`@$e`],
  [1, () => tree('focus')`@$e#$i`],
  [1, (write, depth) => tree('order')`^(${orderTerms(write, depth)})`],
]

/** Paths that make sense with what they bind. */
const INTRICATE: Rules = [
  [2, (write, depth) => tree('parent')`a.b.{"up": %.${fieldName(write)}, "own": ${write.expression('any', depth)}}`],
  [
    1,
    (write) =>
      tree('parent')`${write.pick(['a.b.%', 'a.o.n.%.%', 'o.a.%.n', '*.n.%', 'a.(b.%)', 'a.b.%.b', 'o.o.%.%.s'])}`,
  ],
  [
    1,
    (write) =>
      tree('parent')`${write.pick(['a.b[%.n > 1]', 'a.b[n = %.n]', 'a.q[$ > %.n].%', 'a.b^(%.n, n)', 'a.b.[%.n, n]'])}`,
  ],
  [1, (write, depth) => tree('parent')`a.${field(write, depth)}.(%.${write.expression('any', depth)})`],
  [
    2,
    (write, depth) =>
      tree(
        'focus',
      )`a@$e.${write.pick(['b', '$$.b', '$.b', '$e.b'])}[${write.pick(['n = $e.n', '$e.n > 1', 'n'])}].{"e": $e.n, "v": ${write.expression('any', depth)}}`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'focus',
      )`${listField(write, depth)}@$e.b@$x[$e.n = $x.n].${write.pick(['$e.n', '[$e.n, $x.n]', '{"n": $e.n + $x.n}'])}`,
  ],
  [1, (write, depth) => tree('focus')`${listField(write, depth)}@$e.${write.expression('any', depth)}`],
  [
    2,
    (write, depth) =>
      tree(
        'position',
      )`${listField(write, depth)}#$i.${write.pick(['$i', '{"i": $i, "n": n}', '[$i, $]', '$[$i = 0]', 'b#$x.[$i, $x, n]'])}`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'position',
      )`${listField(write, depth)}#$i[${write.pick(['$i < 2', '$i = 0', '$i % 2 = 1', 'n > $i'])}]${write.often(0.5) ? tree('step')`.${field(write, depth)}` : ''}`,
  ],
  [
    1,
    (write, depth) =>
      tree('position')`${objectField(write, depth)}${predicate(write, depth)}#$i.${write.expression('any', depth)}`,
  ],
  [
    2,
    (write, depth) =>
      tree(
        'order',
      )`${objectField(write, depth)}^(${orderTerms(write, depth)})${write.often(0.3) ? '#$i' : ''}.${field(write, depth)}`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'order',
      )`${objectField(write, depth)}@$e^(${write.pick(['$e.n', 'n', '>$e.s'])}).${write.expression('any', depth)}`,
  ],
  [
    2,
    (write, depth) =>
      tree(
        'group',
      )`${objectField(write, depth)}{${write.pick(['s', '$string(n)', 't', '"k"'])}: ${write.pick(['n', '$sum(n)', '$', 'a', '$count($)', '{"n": n}'])}}`,
  ],
  [
    1,
    (write, depth) =>
      tree('group')`a#$i.b@$e{${write.pick(['$e.s', '$string($i)', '%.s', 's'])}: ${write.expression('any', depth)}}`,
  ],
  [
    1,
    (write, depth) =>
      tree('group')`a.b{%.s: ${write.pick(['n', '%.n', '[%.n, n]'])}, "z": ${write.expression('any', depth)}}`,
  ],
]
