import { type Case, nothing } from './case.ts'

export const variables: readonly Case[] = [
  { promise: 'a block gives its last expression', expression: '(1; 2; 3)', gives: 3 },
  { promise: 'an empty block is nothing', expression: '()', gives: nothing },
  {
    promise: ':= binds a variable for the rest of the block',
    expression: '($x := 2; $y := $x * 3; $x + $y)',
    gives: 8,
  },
  { promise: ':= gives the value that it binds', expression: '($x := $y := 2; [$x, $y])', gives: [2, 2] },
  { promise: 'a variable of an inner block ends with it', expression: '($x := 1; ($x := 2); $x)', gives: 1 },
  { promise: 'an unbound variable is nothing', expression: '$nobody', gives: nothing },
  { promise: 'bindings are variables', expression: '$x & $y', bindings: { x: 'a', y: 'b' }, gives: 'ab' },
  { promise: 'a binding hides a function of the language', expression: '$sum', bindings: { sum: 1 }, gives: 1 },
  {
    promise: 'a variable can be the first step of a path',
    expression: '$x.a',
    bindings: { x: [{ a: 1 }, { a: 2 }] },
    gives: [1, 2],
  },
  {
    promise: 'a variable without a value hides the outer one',
    expression: '($x := missing; $x)',
    input: {},
    bindings: { x: 1 },
    gives: nothing,
  },
  { promise: 'comments are skipped', expression: '1 /* one */ + /* two */ 2', gives: 3 },
]

export const functions: readonly Case[] = [
  {
    promise: 'a function is called with its arguments',
    expression: '($f := function($a, $b){ $a - $b }; $f(5, 3))',
    gives: 2,
  },
  { promise: 'λ is short for function', expression: 'λ($x){ $x * 2 }(4)', gives: 8 },
  {
    promise: 'missing arguments are nothing, further ones are ignored',
    expression: '($f := function($a, $b){ $exists($b) }; [$f(1), $f(1, 2, 3)])',
    gives: [false, true],
  },
  {
    promise: 'a function sees the variables around it, as they are when it runs',
    expression: '($x := 1; $f := function(){ $x }; $x := 2; $f())',
    gives: 2,
  },
  {
    promise: 'a function returned by a function keeps its variables',
    expression:
      '($add := function($n){ function($m){ $n + $m } }; $two := $add(2); $ten := $add(10); [$two(1), $ten(1)])',
    gives: [3, 11],
  },
  {
    promise: 'a function has the context of the place where it was made',
    expression: 'a.($f := function(){ n }; {"n": 5}.$f())',
    input: { a: { n: 1 } },
    gives: 1,
  },
  {
    promise: 'parameters hide variables',
    expression: '($x := 1; $f := function($x){ $x }; [$f(2), $x])',
    gives: [2, 1],
  },
  {
    promise: 'recursion',
    expression: '($f := function($n){ $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))',
    gives: 3_628_800,
  },
  {
    promise: 'a call in tail position does not deepen the stack',
    expression: '($f := function($n, $sum){ $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(20000, 0))',
    gives: 200_010_000,
  },
  {
    promise: 'functions that call each other in tail position do not either',
    expression:
      '($even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even(10001))',
    gives: false,
  },
  {
    promise: 'a Y combinator',
    expression:
      '($y := λ($f){ λ($x){ $x($x) }(λ($g){ $f(λ($a){ $g($g)($a) }) }) }; $y(λ($f){ λ($n){ $n < 2 ? $n : $f($n - 1) + $f($n - 2) } })(10))',
    gives: 55,
  },
  {
    promise: '? leaves an argument open',
    expression: '($half := function($a, $b){ $a / $b }; $by4 := $half(?, 4); $by4(8))',
    gives: 2,
  },
  {
    promise: '? works on the functions of the language',
    expression: '($first := $substring(?, 0, 1); $first("xyz"))',
    gives: 'x',
  },
  { promise: 'what is no function cannot be called', expression: 'n(1)', input: { n: 1 }, fails: 'T1006' },
  { promise: 'a name called without its $ is told', expression: 'sum([1])', input: {}, fails: 'T1005' },
  { promise: 'what is no function cannot be applied in part', expression: '$nobody(?, 1)', fails: 'T1008' },
  { promise: 'a name applied in part without its $ is told', expression: 'substring(?, 1)', input: {}, fails: 'T1007' },
  { promise: 'a signature is checked', expression: 'function($x)<n:n>{ $x }("a")', fails: 'T0410' },
  {
    promise: 'a signature can take the context',
    expression: 's.(function($s)<s-:s>{ $uppercase($s) }())',
    input: { s: 'abc' },
    gives: 'ABC',
  },
  {
    promise: 'a signature makes a list of a single value',
    expression: 'function($x)<a<n>:n>{ $count($x) }(5)',
    gives: 1,
  },
  {
    promise: 'functions are not in the result of & and $string',
    expression: '$string({"f": $sum, "n": 1})',
    gives: '{"f":"","n":1}',
  },
]

export const chains: readonly Case[] = [
  { promise: '~> hands its left side on as the first argument', expression: '"abc" ~> $substring(1, 1)', gives: 'b' },
  { promise: '~> takes a function without parentheses', expression: '[1, 2] ~> $sum', gives: 3 },
  {
    promise: 'chains go from left to right',
    expression: 'a ~> $map(function($x){ $x * 2 }) ~> $sum()',
    input: { a: [1, 2] },
    gives: 6,
  },
  { promise: 'two functions make one', expression: '($f := $trim ~> $uppercase; $f("  a "))', gives: 'A' },
  { promise: 'the right side must be a function', expression: '1 ~> 2', fails: 'T2006' },
]

export const transforms: readonly Case[] = [
  {
    promise: '| changes copies of what matches',
    expression: '$ ~> |a|{"n": n * 2}|',
    input: { a: [{ n: 1 }, { n: 2 }] },
    gives: { a: [{ n: 2 }, { n: 4 }] },
  },
  {
    promise: 'fields are added',
    expression: '$ ~> |a|{"m": 1}|',
    input: { a: { n: 1 } },
    gives: { a: { n: 1, m: 1 } },
  },
  {
    promise: 'fields are removed',
    expression: '$ ~> |a|{}, ["n", "x"]|',
    input: { a: { n: 1, m: 2 } },
    gives: { a: { m: 2 } },
  },
  {
    promise: 'one field is removed by its name alone',
    expression: '$ ~> |a|{}, "n"|',
    input: { a: { n: 1, m: 2 } },
    gives: { a: { m: 2 } },
  },
  {
    promise: 'matches at any depth',
    expression: '$ ~> |**[$exists(n)]|{"n": n + 1}|',
    input: { n: 1, a: { n: 2 } },
    gives: { n: 2, a: { n: 3 } },
  },
  { promise: 'no match, no change', expression: '$ ~> |x|{"n": 1}|', input: { a: 1 }, gives: { a: 1 } },
  {
    promise: 'the input itself is unchanged',
    expression: '($new := $ ~> |a|{"n": 9}|; [a.n, $new.a.n])',
    input: { a: { n: 1 } },
    gives: [1, 9],
  },
  {
    promise: 'a transform is a function',
    expression: '$map(a, |$|{"m": n}|)',
    input: { a: [{ n: 1 }, { n: 2 }] },
    gives: [
      { n: 1, m: 1 },
      { n: 2, m: 2 },
    ],
  },
  { promise: 'it takes objects and lists', expression: '1 ~> |$|{"a": 1}|', fails: 'T0410' },
  { promise: 'the change must be an object', expression: '$ ~> |a|5|', input: { a: {} }, fails: 'T2011' },
  { promise: 'what is removed must be named by texts', expression: '$ ~> |a|{}, 5|', input: { a: {} }, fails: 'T2012' },
  {
    promise: 'it does not reach a prototype',
    expression: '[$ ~> |`__proto__`|{"polluted": 1}|, {}.polluted]',
    input: {},
    gives: [{}],
  },
]

export const patterns: readonly Case[] = [
  {
    promise: 'a regular expression matches inside $contains',
    expression: '[$contains("abc", /b/), $contains("abc", /^b/), $contains("ABC", /b/i)]',
    gives: [true, false, true],
  },
  {
    promise: 'm makes ^ and $ match at lines',
    expression: '[$contains("a\\nb", /^b$/), $contains("a\\nb", /^b$/m)]',
    gives: [false, true],
  },
  {
    promise: 'it is a function that gives the first match',
    expression: '/b(c)?/("abcd").[match, start, end, groups]',
    gives: ['bc', 1, 3, 'c'],
  },
  { promise: 'next gives the next match', expression: '/a/("aba").next().start', gives: 2 },
  { promise: 'without a match it is nothing', expression: '/x/("abc")', gives: nothing },
  { promise: 'it filters', expression: 'a[$contains(/^x/)]', input: { a: ['xa', 'b', 'xc'] }, gives: ['xa', 'xc'] },
  { promise: 'one that matches nothing at all cannot go on', expression: '$match("abc", /x*/)', fails: 'D1004' },
  { promise: 'it cannot be empty', expression: '$match("a", //)', fails: 'S0301' },
]
