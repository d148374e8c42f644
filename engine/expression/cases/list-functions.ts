import { type Case, nothing } from './case.ts'

export const $append: readonly Case[] = [
  { promise: 'two lists make one', expression: '$append([1, 2], [3])', gives: [1, 2, 3] },
  { promise: 'single values count as lists', expression: '$append(1, 2)', gives: [1, 2] },
  {
    promise: 'nothing adds nothing',
    expression: '[$append(a, [1]), $append([2], a), $exists($append(a, a))]',
    input: {},
    gives: [1, 2, false],
  },
]

export const $distinct: readonly Case[] = [
  {
    promise: 'each value once, compared by value, the first stays',
    expression: '$distinct([1, 2, 1, "1", {"a": 1}, {"a": 1}])',
    gives: [1, 2, '1', { a: 1 }],
  },
  { promise: 'a single value stays', expression: '$distinct(5)', gives: 5 },
  { promise: 'a list of one from brackets stays a list', expression: '$distinct([1])', gives: [1] },
]

export const $reverse: readonly Case[] = [
  { promise: 'the last comes first', expression: '$reverse([1, 2, 3])', gives: [3, 2, 1] },
  { promise: 'the input stays as it is', expression: '[$reverse(a)[0], a[0]]', input: { a: [1, 2] }, gives: [2, 1] },
]

export const $sort: readonly Case[] = [
  {
    promise: 'numbers, or texts',
    expression: '[$sort([10, 9, 1]), $sort(["b", "a", "B"])]',
    gives: [1, 9, 10, 'B', 'a', 'b'],
  },
  {
    promise: 'by a function that tells which comes later',
    expression: '$sort(a, function($x, $y){ $x.n < $y.n }).n',
    input: { a: [{ n: 1 }, { n: 3 }, { n: 2 }] },
    gives: [3, 2, 1],
  },
  {
    promise: 'equals keep their order',
    expression: '$sort(a, function($x, $y){ $x.n > $y.n }).s',
    input: {
      a: [
        { n: 1, s: 'x' },
        { n: 1, s: 'a' },
        { n: 0, s: 'm' },
      ],
    },
    gives: ['m', 'x', 'a'],
  },
  { promise: 'the input stays as it is', expression: '($sort(a); a)', input: { a: [2, 1] }, gives: [2, 1] },
  { promise: 'of mixed values there is no order', expression: '$sort([1, "a"])', fails: 'D3070' },
]

export const $zip: readonly Case[] = [
  {
    promise: 'the first with the first, to the end of the shortest',
    expression: '$zip([1, 2, 3], ["a", "b"])',
    gives: [
      [1, 'a'],
      [2, 'b'],
    ],
  },
  { promise: 'a missing list makes it empty', expression: '$zip([1], a)', input: {}, gives: [] },
]

export const $map: readonly Case[] = [
  { promise: 'the result for each', expression: '$map([1, 2], function($x){ $x * 2 })', gives: [2, 4] },
  {
    promise: 'the function sees the position and the list',
    expression: '$map(["a", "b"], function($x, $i, $all){ $x & $i & $count($all) })',
    gives: ['a02', 'b12'],
  },
  {
    promise: 'items without a result are left out',
    expression: '$map(a, function($x){ $x.n })',
    input: { a: [{ n: 1 }, {}, { n: 3 }] },
    gives: [1, 3],
  },
  { promise: 'a list of one becomes its item', expression: '$map([1], function($x){ $x })', gives: 1 },
  {
    promise: 'a function of the language gets as many arguments as it takes',
    expression: '$map(["a", "b"], $uppercase)',
    gives: ['A', 'B'],
  },
  { promise: 'of nothing', expression: '$map(a, $string)', input: {}, gives: nothing },
]

export const $filter: readonly Case[] = [
  { promise: 'those for which it is true', expression: '$filter([1, 2, 3], function($x){ $x > 1 })', gives: [2, 3] },
  {
    promise: 'the function sees the position',
    expression: '$filter(["a", "b", "c"], function($x, $i){ $i % 2 = 0 })',
    gives: ['a', 'c'],
  },
  { promise: 'a number is no index here', expression: '$filter([5, 6, 7], function($x){ 1 })', gives: [5, 6, 7] },
  { promise: 'one that is left is that item', expression: '$filter([1, 2], function($x){ $x = 2 })', gives: 2 },
]

export const $single: readonly Case[] = [
  { promise: 'the one for which it is true', expression: '$single([1, 2], function($x){ $x = 2 })', gives: 2 },
  { promise: 'the only one', expression: '$single([7])', gives: 7 },
  { promise: 'several are an error', expression: '$single([1, 2])', fails: 'D3138' },
  { promise: 'none is an error', expression: '$single([1], function($x){ false })', fails: 'D3139' },
]

export const $reduce: readonly Case[] = [
  { promise: 'from left to right', expression: '$reduce(["a", "b", "c"], function($x, $y){ $x & $y })', gives: 'abc' },
  {
    promise: 'beginning with a given value',
    expression: '$reduce([1, 2], function($x, $y){ $x + $y }, 10)',
    gives: 13,
  },
  {
    promise: 'the function sees the position',
    expression: '$reduce([5, 5, 5], function($sum, $x, $i){ $sum + $i })',
    gives: 8,
  },
  { promise: 'of a list of one it is the item', expression: '$reduce([7], function($x, $y){ 0 })', gives: 7 },
  { promise: 'the function takes two arguments', expression: '$reduce([1, 2], function($x){ $x })', fails: 'D3050' },
]

export const $keys: readonly Case[] = [
  { promise: 'the names of the fields', expression: '$keys({"b": 1, "a": 2})', gives: ['b', 'a'] },
  { promise: 'of several objects each once', expression: '$keys([{"a": 1}, {"a": 2, "b": 3}])', gives: ['a', 'b'] },
  { promise: 'one name is that text', expression: '$keys({"a": 1})', gives: 'a' },
  { promise: 'what has no fields has no names', expression: '[$keys({}), $keys("abc"), $keys(5)]', gives: [] },
]

export const $lookup: readonly Case[] = [
  { promise: 'a field by a name that is computed', expression: '$lookup({"ab": 1}, "a" & "b")', gives: 1 },
  { promise: 'in every item of a list', expression: '$lookup([{"a": 1}, {"a": 2}], "a")', gives: [1, 2] },
  { promise: 'own fields only', expression: '[$lookup({}, "constructor"), $lookup({}, "__proto__")]', gives: [] },
]

export const $spread: readonly Case[] = [
  {
    promise: 'an object of one field for each field',
    expression: '$spread({"a": 1, "b": 2})',
    gives: [{ a: 1 }, { b: 2 }],
  },
  { promise: 'what is no object stays', expression: '$spread("a")', gives: 'a' },
]

export const $merge: readonly Case[] = [
  { promise: 'later fields win', expression: '$merge([{"a": 1, "b": 1}, {"b": 2}])', gives: { a: 1, b: 2 } },
  {
    promise: 'fields keep the place where they came first',
    expression: '$keys($merge([{"a": 1, "b": 1}, {"a": 2, "c": 1}]))',
    gives: ['a', 'b', 'c'],
  },
  {
    promise: '__proto__ is a field like any other',
    expression: '$merge([a, {"x": 1}]).`__proto__`.n',
    input: JSON.parse('{"a": {"__proto__": {"n": 5}}}'),
    gives: 5,
  },
  { promise: 'of objects only', expression: '$merge([1])', fails: 'T0412' },
]

export const $sift: readonly Case[] = [
  {
    promise: 'the fields for which it is true',
    expression: '$sift({"a": 1, "b": 2}, function($v, $k){ $v > 1 or $k = "c" })',
    gives: { b: 2 },
  },
  { promise: 'none left is nothing', expression: '$sift({"a": 1}, function($v){ false })', gives: nothing },
]

export const $each: readonly Case[] = [
  {
    promise: 'the result for each field',
    expression: '$each({"a": 1, "b": 2}, function($v, $k){ $k & $v })',
    gives: ['a1', 'b2'],
  },
]

export const $clone: readonly Case[] = [
  { promise: 'a copy that equals it', expression: '$clone(a) = a', input: { a: { n: [1] } }, gives: true },
  { promise: 'of objects and lists only', expression: '$clone(5)', fails: 'T0410' },
]

export const $boolean: readonly Case[] = [
  {
    promise: 'false for what is empty',
    expression:
      '[$boolean(0), $boolean(""), $boolean(null), $boolean([]), $boolean({}), $boolean([0]), $boolean($sum)]',
    gives: [false, false, false, false, false, false, false],
  },
  {
    promise: 'true for the rest',
    expression: '[$boolean(-1), $boolean("false"), $boolean([0, 1]), $boolean({"a": 0})]',
    gives: [true, true, true, true],
  },
  { promise: 'of nothing', expression: '$boolean(a)', input: {}, gives: nothing },
]

export const $not: readonly Case[] = [
  { promise: 'the opposite', expression: '[$not(0), $not(1)]', gives: [true, false] },
  { promise: 'of nothing', expression: '$not(a)', input: {}, gives: nothing },
]

export const $exists: readonly Case[] = [
  {
    promise: 'null exists, nothing does not',
    expression: '[$exists(a), $exists(b), $exists($sum)]',
    input: { a: null },
    gives: [true, false, true],
  },
]

export const $type: readonly Case[] = [
  {
    promise: 'the names of the types',
    expression: '[$type(null), $type(1), $type("a"), $type(true), $type([]), $type({}), $type($sum)]',
    gives: ['null', 'number', 'string', 'boolean', 'array', 'object', 'function'],
  },
  { promise: 'nothing has none', expression: '$type(a)', input: {}, gives: nothing },
]

export const $error: readonly Case[] = [{ promise: 'it fails', expression: '$error("no")', fails: 'D3137' }]

export const $assert: readonly Case[] = [
  { promise: 'nothing when it holds', expression: '$assert(true, "no")', gives: nothing },
  { promise: 'it fails otherwise', expression: '$assert(false, "no")', fails: 'D3141' },
  { promise: 'of true or false only', expression: '$assert(1)', fails: 'T0410' },
]
