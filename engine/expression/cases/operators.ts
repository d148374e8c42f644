import { type Case, nothing } from './case.ts'

export const numbers: readonly Case[] = [
  { promise: '+ - * / %', expression: '[7 + 2, 7 - 2, 7 * 2, 7 / 2, 7 % 2, -7 % 2]', gives: [9, 5, 14, 3.5, 1, -1] },
  { promise: '* and / come before + and -', expression: '1 + 2 * 3 - 4 / 2', gives: 5 },
  { promise: 'floating point as in JavaScript', expression: '0.1 + 0.2', gives: 0.1 + 0.2 },
  { promise: 'a missing side makes the result missing', expression: '[a + 1, 1 + a, a * a, -a]', input: {}, gives: [] },
  { promise: 'a text on the left is no number', expression: '"1" + 1', fails: 'T2001' },
  { promise: 'a text on the right is no number', expression: '1 + "1"', fails: 'T2002' },
  { promise: 'null is no number', expression: 'a + 1', input: { a: null }, fails: 'T2001' },
  { promise: 'only numbers can be negated', expression: '-a', input: { a: 'x' }, fails: 'D1002' },
  { promise: 'minus zero keeps its sign', expression: '-a', input: { a: 0 }, gives: -0 },
  { promise: 'division by zero is found where a number is needed', expression: '1 / 0 + 1', fails: 'D1001' },
  { promise: 'the result of a division by zero is infinite', expression: '1 / 0', gives: Number.POSITIVE_INFINITY },
  { promise: 'a number too large for JavaScript is no expression', expression: '1e999', fails: 'S0102' },
]

export const texts: readonly Case[] = [
  { promise: '& joins texts', expression: 'a & "-" & b', input: { a: 'x', b: 'y' }, gives: 'x-y' },
  {
    promise: '& makes texts of what is none',
    expression: '1 & true & null & [1, "a"] & {"k": 2}',
    gives: '1truenull[1,"a"]{"k":2}',
  },
  { promise: '& takes a missing side as empty', expression: 'a & "x" & b', input: {}, gives: 'x' },
  {
    promise: 'numbers in texts have at most 15 digits',
    expression: '"" & (0.1 + 0.2) & " " & (1/3) & " " & 1e21 & " " & 1e-7',
    gives: '0.3 0.333333333333333 1e+21 1e-7',
  },
  { promise: 'escapes in texts', expression: '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"', gives: '"\\/\b\f\n\r\té' },
  { promise: 'single quotes hold texts too', expression: '\'say "hi"\'', gives: 'say "hi"' },
  { promise: 'functions in texts are empty', expression: '"x" & $sum', gives: 'x' },
  { promise: 'a text must end', expression: '"abc', fails: 'S0101' },
]

export const comparisons: readonly Case[] = [
  {
    promise: '= compares by value, at any depth',
    expression: '[1 = 1, "a" = "a", [1, {"x": 2}] = [1, {"x": 2}], {"a": 1, "b": 2} = {"b": 2, "a": 1}, null = null]',
    gives: [true, true, true, true, true],
  },
  {
    promise: '= does not convert',
    expression: '[1 = "1", 0 = false, null = 0, [1] = 1]',
    gives: [false, false, false, false],
  },
  {
    promise: 'nothing equals nothing, and != it neither',
    expression: '[a = a, a != a, a = 1, 1 != a]',
    input: {},
    gives: [false, false, false, false],
  },
  { promise: 'zero equals minus zero', expression: 'a = 0', input: { a: -0 }, gives: true },
  { promise: '< <= > >= of numbers', expression: '[1 < 2, 2 <= 2, 1 > 2, 2 >= 3]', gives: [true, true, false, false] },
  {
    promise: 'texts are compared by their UTF-16 units',
    expression: '["a" < "b", "B" < "a", "10" < "9", "😀" < "\uffff"]',
    gives: [true, true, true, true],
  },
  { promise: 'a missing side makes the result missing', expression: '[a < 1, 1 >= a]', input: {}, gives: [] },
  { promise: 'a number and a text cannot be compared', expression: '1 < "2"', fails: 'T2009' },
  { promise: 'only numbers and texts can be compared', expression: 'true < 1', fails: 'T2010' },
  { promise: 'null cannot be compared', expression: 'a > 1', input: { a: null }, fails: 'T2010' },
  {
    promise: 'in looks for a value in a list',
    expression: '[1 in [1, 2], 3 in [1, 2], "a" in "a", a in [1], 1 in a]',
    input: {},
    gives: [true, false, true, false, false],
  },
  { promise: 'in knows objects by identity only', expression: '{"a": 1} in [{"a": 1}]', gives: false },
]

export const logic: readonly Case[] = [
  {
    promise: 'and, or',
    expression: '[true and false, true or false, false or false, true and true]',
    gives: [false, true, false, true],
  },
  {
    promise: 'false are: missing, null, 0, empty texts, lists and objects, lists of such, functions',
    expression: '[a, null, 0, "", $sum].($ or false)',
    input: {},
    gives: [false, false, false, false],
  },
  {
    promise: 'a list is true when one of its items is',
    expression: '[[0, "", false] or false, [0, 1] or false, [[]] or false]',
    gives: [false, true, false],
  },
  {
    promise: 'the right side runs only when it matters',
    expression: '[false and $error("x"), true or $error("x")]',
    gives: [false, true],
  },
  { promise: 'a missing side is false', expression: '[a or false, a and true]', input: {}, gives: [false, false] },
]

export const conditions: readonly Case[] = [
  { promise: '? : takes one of two', expression: 'n > 1 ? "many" : "few"', input: { n: 2 }, gives: 'many' },
  { promise: 'without an else it is nothing', expression: 'n > 1 ? "many"', input: { n: 0 }, gives: nothing },
  { promise: 'only the branch that is taken runs', expression: 'true ? 1 : $error("x")', gives: 1 },
  {
    promise: '?: takes the left side when it is true',
    expression: '[a ?: "x", b ?: "x", c ?: "x"]',
    input: { a: 0, b: 'b' },
    gives: ['x', 'b', 'x'],
  },
  {
    promise: '?? takes the left side when it is there',
    expression: '[a ?? "x", b ?? "x", c ?? "x"]',
    input: { a: 0, b: null },
    gives: [0, null, 'x'],
  },
  {
    promise: 'conditions follow each other',
    expression: 'a.($ < 2 ? "s" : $ < 5 ? "m" : "l")',
    input: { a: [1, 3, 9] },
    gives: ['s', 'm', 'l'],
  },
]

export const arrays: readonly Case[] = [
  { promise: 'brackets make a list', expression: '[1, "a", null, {}]', gives: [1, 'a', null, {}] },
  { promise: 'missing items are left out', expression: '[1, a, 3]', input: {}, gives: [1, 3] },
  {
    promise: 'lists from paths are flattened into it',
    expression: '[0, a, 3]',
    input: { a: [1, 2] },
    gives: [0, 1, 2, 3],
  },
  { promise: 'brackets within brackets stay', expression: '[[1], [2, [3]], []]', gives: [[1], [2, [3]], []] },
  { promise: 'a list of one stays a list', expression: '[a]', input: { a: 1 }, gives: [1] },
  {
    promise: 'brackets at the end of a path make a list of each',
    expression: 'a.[n, s]',
    input: { a: [{ n: 1, s: 'x' }, { n: 2 }] },
    gives: [[1, 'x'], [2]],
  },
  {
    promise: 'brackets at the beginning of a path are one list',
    expression: '[a, b].n',
    input: { a: { n: 1 }, b: { n: 2 } },
    gives: [1, 2],
  },
  { promise: '.. makes a range', expression: '[1..3, 7, 9..10]', gives: [1, 2, 3, 7, 9, 10] },
  { promise: 'a range that goes down is empty', expression: '[3..1]', gives: [] },
  { promise: 'a range with a missing end is empty', expression: '[1..a]', input: {}, gives: [] },
  { promise: 'a range begins at an integer', expression: '[1.5..3]', fails: 'T2003' },
  { promise: 'a range ends at an integer', expression: '[1.."3"]', fails: 'T2004' },
  { promise: 'a range holds ten million at most', expression: '[1..10000001]', fails: 'D2014' },
]

export const objects: readonly Case[] = [
  { promise: 'braces make an object', expression: '{"a": 1, "b": n}', input: { n: 2 }, gives: { a: 1, b: 2 } },
  { promise: 'missing values are left out', expression: '{"a": x, "b": null}', input: {}, gives: { b: null } },
  { promise: 'keys are computed', expression: '{k & "1": 1}', input: { k: 'x' }, gives: { x1: 1 } },
  { promise: 'a missing key leaves its pair out', expression: '{k: 1, "b": 2}', input: {}, gives: { b: 2 } },
  { promise: 'a key must be a text', expression: '{n: 1}', input: { n: 1 }, fails: 'T1003' },
  { promise: 'two pairs cannot make the same key', expression: '{"a": 1, "a": 2}', fails: 'D1009' },
  { promise: '__proto__ is a key like any other', expression: '{"__proto__": 1}.`__proto__`', gives: 1 },
  {
    promise: 'keys that look like numbers come first, as in JavaScript',
    expression: '$keys({"b": 1, "2": 1, "1": 1})',
    gives: ['1', '2', 'b'],
  },
  { promise: 'the marks of functions are no keys', expression: '{"_jsonata_lambda": true}', fails: 'D1013' },
  {
    promise: 'an object for each at the end of a path',
    expression: 'a.{"n": n}',
    input: { a: [{ n: 1 }, { n: 2 }] },
    gives: [{ n: 1 }, { n: 2 }],
  },
  {
    promise: 'braces behind a path group what it finds',
    expression: 'a{k: $sum(n)}',
    input: {
      a: [
        { k: 'x', n: 1 },
        { k: 'y', n: 2 },
        { k: 'x', n: 3 },
      ],
    },
    gives: { x: 4, y: 2 },
  },
  {
    promise: 'a group of one is its item, of several a list',
    expression: 'a{k: n}',
    input: {
      a: [
        { k: 'x', n: 1 },
        { k: 'y', n: 2 },
        { k: 'x', n: 3 },
      ],
    },
    gives: { x: [1, 3], y: 2 },
  },
  {
    promise: 'groups come in the order of their first item',
    expression: '$keys(a{k: 1})',
    input: { a: [{ k: 'z' }, { k: 'a' }, { k: 'z' }] },
    gives: ['z', 'a'],
  },
  {
    promise: 'grouping sees what # and @ have bound',
    expression: 'a#$i{k: $i}',
    input: { a: [{ k: 'x' }, { k: 'y' }, { k: 'x' }] },
    gives: { x: [0, 2], y: 1 },
  },
  { promise: 'a step is grouped once', expression: 'a{"x": 1}{"y": 2}', input: {}, fails: 'S0210' },
]
