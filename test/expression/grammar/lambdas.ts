import { MARKS } from '../inputs.ts'
import { list, type Tree, tree } from '../tree.ts'
import { fieldName, regex, smallNumber } from './literals.ts'
import { groupPairs } from './paths.ts'
import type { Rule, Rules, Writer } from './writer.ts'

export const VARIABLES = ['$x', '$y', '$z', '$i', '$e', '$f', '$g'] as const

export const variable: Rule = (write) =>
  tree('variable')`${write.pick(['$', '$$', '$x', '$x', '$y', '$z', '$i', '$e'])}`

export const lambda: Rule = (write, depth) => {
  const parameters = list(['$x', '$y', '$i', '$z'].slice(0, write.between(0, 3)))
  const sign = write.often(0.1) ? 'λ' : 'function'
  const signature = write.often(0.12) ? tree('signature')`${write.pick(SIGNATURES)}` : ''
  return tree('lambda')`${sign}(${parameters})${signature}{ ${write.expression('any', depth)} }`
}

export const functionValue: Rule = (write) => tree('variable')`${write.pick(['$f', '$g', '$x'])}`

export const composed: Rule = (write, depth) =>
  tree('composition')`${write.expression('function', depth)} ~> ${write.expression('function', depth)}`

export const partialOfLambda: Rule = (write, depth) =>
  tree(
    'partial',
  )`${callee(write, depth)}(${list(write.pick([['?'], ['?', '?'], ['1', '?'], ['?', 'n'], ['?', '"a"', '?']]))})`

export const transform: Rule = (write, depth) => {
  const deletion = write.by([
    [4, () => ''],
    [2, (w) => tree('deletion')`, "${fieldName(w).replaceAll('`', '')}"`],
    [1, (w) => tree('deletion')`, ["${w.pick(['n', 's', '__proto__'])}", "z"]`],
    [1, (w, d) => tree('deletion')`, ${w.expression('any', d)}`],
  ])(write, depth)
  const place = write.by([
    [4, (w) => w.pick(['$', 'a', 'o', 'a.b', '**', '*', 'a[0]', 'a[n > 1]', 'missing', '%'])],
    [1, (w, d) => w.expression('any', d)],
  ])(write, depth)
  const update = write.by([
    [6, (w, d) => tree('object')`{${groupPairs(w, d)}}`],
    [1, (w, d) => w.expression('any', d)],
    [1, (w, d) => tree('mark')`{"${w.pick(MARKS)}": ${w.often(0.7) ? 'true' : w.expression('any', d)}}`],
  ])(write, depth)
  return tree('transform')`|${place}|${update}${deletion}|`
}

export const transformed: Rule = (write, depth) =>
  tree(
    'apply',
  )`${write.often(0.6) ? write.pick(['$', '$$', 'o', 'a']) : write.expression('any', depth)} ~> ${transform(write, depth)}`

export const applied: Rule = (write, depth) =>
  tree('apply')`${write.expression('any', depth)} ~> ${write.expression('function', depth)}`

/** Calls of whatever may be a function, also of what is none, and of names that lack their sign. */
export const call: Rule = (write, depth) => {
  const args = write.some(0, 3, 'any', depth)
  if (write.often(0.05)) return tree('call of a name')`${write.pick(['sum', 'n', 'uppercase', 'o.f'])}(${list(args)})`
  return tree('call')`${callee(write, depth)}(${list(args)})`
}

export const block: Rule = (write, depth) => {
  const bindings = Array.from({ length: write.between(0, 2) }, () => binding(write, depth))
  const last = write.often(0.96) ? [write.expression('any', depth)] : []
  return tree('block')`(${list([...bindings, ...last], '; ')})`
}

/** Functions bound to a variable and then called: recursion, also in tail position, closures, shadowing. */
export const program: Rule = (write, depth) => write.by(PROGRAMS)(write, depth)

function callee(write: Writer, depth: number): Tree {
  const called = write.expression('function', depth)
  return write.often(0.5) ? functionValue(write, depth) : tree('block')`(${called})`
}

function binding(write: Writer, depth: number): Tree {
  if (write.often(0.3)) return tree('bind')`${write.pick(['$f', '$g'])} := ${write.expression('function', depth)}`
  return tree('bind')`${write.pick(VARIABLES)} := ${write.expression('any', depth)}`
}

const SIGNATURES = [
  '<n:n>',
  '<s-:s>',
  '<n-n:n>',
  '<a<n>:n>',
  '<x?:x>',
  '<(sn):b>',
  '<o-f?:o>',
  '<j+:a>',
  '<a<s>s?:s>',
  '<f:f>',
  '<b-:b>',
  '<nn>',
]

const PROGRAMS: Rules = [
  [
    2,
    (write, depth) =>
      tree(
        'tail recursion',
      )`($f := function($n, $x){ $n <= 0 ? $x : $f($n - 1, ${write.expression('any', depth)}) }; $f(${smallNumber(write, depth)}, ${write.expression('any', depth)}))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'recursion',
      )`($f := function($n){ $n <= 1 ? ${write.expression('any', depth)} : $n * $f($n - 1) }; $f(${smallNumber(write, depth)}))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'recursion in a replacement',
      )`($f := function($n){ $n <= 0 ? "ab" : "" & $replace(${write.expression('text', depth)}, ${regex(write, depth)}, function($x){ $f($n - 1) }) }; $f(2))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'function of a whole list',
      )`($f := function($x, $i, $y){ ${write.pick(['$distinct($y)', '$y', '$count($y)', '[$x, $y]'])} }; $map(${write.expression('list', depth)}, $f))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'call that is taken',
      )`($f := (function($x){ (${call(write, depth)}){"a": $} })(1).a; ${write.pick(['$f()', '[$f]', '$f(1)', '$lookup({"a": $f}, "a")', '$map([1], $f)', 'a.$f()'])})`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'mutual recursion',
      )`($f := function($n){ $n <= 0 ? true : $g($n - 1) }; $g := function($n){ $n <= 0 ? false : $f($n - 1) }; $f(${smallNumber(write, depth)}))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'tail recursion',
      )`($f := function($n, $x){( $y := ${write.expression('any', depth)}; $n > 0 ? $f($n - 1, [$x, $y]) : $x )}; $f(${smallNumber(write, depth)}))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'closure',
      )`($f := function($x){ function($y){ ${write.expression('any', depth)} } }; $g := $f(${write.expression('any', depth)}); [$g(1), $g(${write.expression('any', depth)})])`,
  ],
  [
    1,
    (write, depth) => tree('closure')`($x := 1; $f := function(){ $x }; $x := ${write.expression('any', depth)}; $f())`,
  ],
  [
    1,
    (write, depth) => tree('context of a lambda')`a.($f := function($x){ ${write.expression('any', depth)} }; $f(n))`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'lambda as a value',
      )`($f := ${write.expression('function', depth)}; ${write.pick(['$f', '[$f]', '{"f": $f}', '$type($f)', '$string($f)', '$f = $f', '$f & "x"', '$exists($f)', '$boolean($f)', '$f.x', '$f[0]', '$count($f)'])})`,
  ],
  [
    1,
    (write, depth) =>
      tree(
        'matcher as a function',
      )`(${regex(write, depth)})(${write.expression('text', depth)})${write.pick(['', '.match', '.groups', '.next()', '.start'])}`,
  ],
]
