import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkNames, JSONATA_FUNCTIONS } from './names.ts'
import { parseExpression } from './syntax.ts'

function faultsOf(text: string): string[] {
  const { tree } = parseExpression(text)
  return checkNames(tree, new Map()).map(({ position, length, message, hint }) => {
    const shown = text.slice(position, position + length)
    return `${shown}: ${message}${hint === undefined ? '' : `; ${hint}`}`
  })
}

describe('the names in an expression', () => {
  it.each([
    '$sum(items.(price * $timestamp)) & $key & $headers.a & $origin.position & $env.X & $ & $$.a',
    '($x := 1; $f := function($n) { $n < 1 ? $x : $f($n - 1) }; $f(3))',
    '($even := function($n) { $n = 0 or $odd($n - 1) }; $odd := function($n) { $n = 1 or $even($n - 1) }; $odd(3))',
    'loans@$l.books@$b[$l.isbn = $b.isbn].{"title": $b.title, "who": $l.name}',
    'items#$i[$i < 2].{"at": $i}',
    'items[0]#$i.$i',
    '$map(items, function($v, $i, $a) { $v + $i + $count($a) })',
    '$reduce(items, λ($a, $b) { $a + $b }, 0)',
    '{"a": $x := 1, "b": $x}',
    '(($y := 2; $y) + 1)',
    'items^(>price, $lowercase(name)).name',
    '$ ~> |items|{"net": $round(price)}, ["vat"]|',
    'items.%.name',
    '(price ~> $round(2)) & ($add := function($a){$a}; $add(?))(1)',
    'items{sku: $sum(price)}',
    '$hash := function($a, $b) { $b }; $hash(1, "none")'.replace(/^(.*)$/, '($1)'),
    'nothing ?? $uuid()',
  ])('are all known: %s', (text) => expect(faultsOf(text)).toEqual([]))

  it.each([
    ['$pric', ['$pric: there is no variable $pric; bind it with $pric := ...']],
    ['$timestmp + 1', ['$timestmp: there is no variable $timestmp; did you mean "$timestamp"?']],
    ['$summ(a)', ['$summ: there is no function $summ; did you mean "$sum"?']],
    ['$map(a, $lowercas)', ['$lowercas: there is no variable $lowercas; did you mean "$lowercase"?']],
    ['a ~> $summ()', ['$summ: there is no function $summ; did you mean "$sum"?']],
    ['a ~> $summ', ['$summ: there is no variable $summ; did you mean "$sum"?']],
    ['$keys.a.$keyss()', ['$keyss: there is no function $keyss; did you mean "$keys"?']],
    ['sum(a)', ['sum: a field cannot be called; write $sum']],
    ['a.lowercas()', ['lowercas: a field cannot be called; write $lowercase']],
    ['a.frobnicate()', ['frobnicate: a field cannot be called; functions have a $ before their names']],
    ['(($y := 2); $y)', ['$y: there is no variable $y; bind it with $y := ...']],
    ['(function($a) { $a }; $a)', ['$a: there is no variable $a; bind it with $a := ...']],
    ['items@$i.price & $i', ['$i: there is no variable $i; bind it with $i := ...']],
    ['($count1 := 1; $count2)', ['$count2: there is no variable $count2; did you mean "$count1"?']],
    [
      'a[$b]^($c){$d: $e}',
      ['$b', '$c', '$d', '$e'].map((x) => `${x}: there is no variable ${x}; bind it with ${x} := ...`),
    ],
    ['|a|{"b": $c}|', ['$c: there is no variable $c; bind it with $c := ...']],
    ['$f(?, $x)', ['$f: there is no function $f', '$x: there is no variable $x; bind it with $x := ...']],
  ])('are found where they are not: %s', (text, faults) => expect(faultsOf(text)).toEqual(faults))

  it.each([
    ['$percentile(a, 101)', ['101: a percentage is from 0 to 100']],
    ['a ~> $percentile(-1)', ['-1: a percentage is from 0 to 100']],
    ['$parse_time(a, "%Y-%m")', ['"%Y-%m": no time can be read with this pattern: it names no day']],
    ['$format_time(a, "%H", "Mars")', ['"Mars": there is no time zone "Mars"']],
    ['$cidr_contains(["::/0", "10.0.0.0"], a)', ['"::/0": "10.0.0.0" is no network: write address/length']],
    ['$lookup_table("countries", a)', ['"countries": there is no table "countries"; add it under `tables:`']],
  ])('take arguments that can be judged beforehand: %s', (text, faults) => expect(faultsOf(text)).toEqual(faults))

  it('do not make the check fail, whatever the expression is', () => {
    const parts = [
      '$a',
      '$sum(',
      ')',
      '(',
      ';',
      ':=',
      'x',
      '.',
      '[',
      ']',
      '{',
      '}',
      ',',
      '~>',
      'function($a){',
      '@$v',
      '#$i',
      '1',
      '"s"',
      '?',
      ':',
      '|',
      '^(',
      '%',
      '?',
      '+',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (tokens) => {
        let tree: ReturnType<typeof parseExpression>['tree']
        try {
          tree = parseExpression(tokens.join(' ')).tree
        } catch {
          return
        }
        for (const { position, length } of checkNames(tree, new Map())) expect(position + length).toBeGreaterThan(0)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([900, 1100, 3000, 10_000])(
    'are looked for in %d operators in a row, or those are refused: never a crash',
    (count) => {
      const text = Array.from({ length: count }, () => '$a').join(' + ')
      if (count < 1000) expect(faultsOf(text)).toHaveLength(count)
      else expect(() => faultsOf(text)).toThrow('the expression is nested too deeply')
    },
  )

  it('of JSONata are those that the package binds', () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8')
    const bound = [...source.matchAll(/(?:staticFrame|environment|exec_env)\.bind\('(\w+)'/g)].map(([, name]) => name)
    expect([...JSONATA_FUNCTIONS].sort()).toEqual([...new Set(bound)].sort())
  })
})
