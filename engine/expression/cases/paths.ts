import { type Case, nothing } from './case.ts'

const ORDERS = {
  orders: [
    {
      id: 1,
      lines: [
        { sku: 'a', price: 2 },
        { sku: 'b', price: 3 },
      ],
    },
    { id: 2, lines: [{ sku: 'a', price: 5 }] },
  ],
}

export const names: readonly Case[] = [
  { promise: 'a name reads a field', expression: 'a', input: { a: 1 }, gives: 1 },
  { promise: 'a missing field is nothing', expression: 'b', input: { a: 1 }, gives: nothing },
  { promise: 'null is a value', expression: 'a', input: { a: null }, gives: null },
  { promise: 'nothing goes on from null', expression: 'a.b', input: { a: null }, gives: nothing },
  {
    promise: 'nothing goes on from a text, not even to its length',
    expression: 'a.length',
    input: { a: 'xyz' },
    gives: nothing,
  },
  {
    promise: 'nothing goes on from a list to its length',
    expression: 'a.length',
    input: { a: [1, 2] },
    gives: nothing,
  },
  { promise: 'a path goes into every item of a list', expression: 'orders.id', input: ORDERS, gives: [1, 2] },
  { promise: 'lists within lists are flattened', expression: 'orders.lines.price', input: ORDERS, gives: [2, 3, 5] },
  {
    promise: 'a result of one item is that item',
    expression: 'orders.lines[sku = "b"].price',
    input: ORDERS,
    gives: 3,
  },
  {
    promise: 'a list of one in the data is its item when a path goes on',
    expression: 'a.b',
    input: { a: [{ b: 1 }] },
    gives: 1,
  },
  {
    promise: 'a list of one in the data stays a list at the end of a path',
    expression: 'a',
    input: { a: [1] },
    gives: [1],
  },
  { promise: 'an empty list in the data stays an empty list', expression: 'a', input: { a: [] }, gives: [] },
  { promise: 'a path through an empty list is nothing', expression: 'a.b', input: { a: [] }, gives: nothing },
  {
    promise: 'items without the field are left out',
    expression: 'a.b',
    input: { a: [{ b: 1 }, {}, { b: 3 }] },
    gives: [1, 3],
  },
  {
    promise: 'a path begins in every item of an input that is a list',
    expression: 'b',
    input: [{ b: 1 }, { b: 2 }],
    gives: [1, 2],
  },
  { promise: 'backquotes hold any name', expression: '`x y`.`a.b`', input: { 'x y': { 'a.b': 1 } }, gives: 1 },
  { promise: 'a text is a name inside a path', expression: 'a."x y"', input: { a: { 'x y': 1 } }, gives: 1 },
  {
    promise: 'and, or and in are names where no operator can stand',
    expression: 'and.or.in',
    input: { and: { or: { in: 1 } } },
    gives: 1,
  },
  {
    promise: 'only own fields are read',
    expression: '[constructor, toString, `__proto__`, a.constructor]',
    input: { a: {} },
    gives: [],
  },
  {
    promise: 'own fields with the names of inherited ones are read',
    expression: 'constructor & `__proto__`',
    input: JSON.parse('{"constructor": "x", "__proto__": "y"}'),
    gives: 'xy',
  },
  { promise: '$ is the context', expression: 'a.($ + 1)', input: { a: [1, 2] }, gives: [2, 3] },
  {
    promise: '$$ is the whole input, anywhere',
    expression: 'a.($$.b + $)',
    input: { a: [1, 2], b: 10 },
    gives: [11, 12],
  },
  { promise: '$ of an input that is a list is the list', expression: '$', input: [1], gives: [1] },
  { promise: 'a number cannot be a step', expression: 'a.1', input: {}, fails: 'S0213' },
]

export const wildcards: readonly Case[] = [
  { promise: '* is every field', expression: '*', input: { a: 1, b: [2, 3], c: { d: 4 } }, gives: [1, 2, 3, { d: 4 }] },
  { promise: '* of one field is its value', expression: '*', input: { a: 1 }, gives: 1 },
  { promise: '* of an empty object is nothing', expression: '*', input: {}, gives: nothing },
  { promise: '* inside a path', expression: '*.n', input: { a: { n: 1 }, b: { n: 2 }, c: 3 }, gives: [1, 2] },
  { promise: '* flattens lists within lists', expression: '*', input: { a: [[1], [2, [3]]] }, gives: [1, 2, 3] },
  {
    promise: '** is every value at any depth, the context first',
    expression: '**.n',
    input: { n: 1, a: { n: 2, b: [{ n: 3 }] } },
    gives: [1, 2, 3],
  },
  { promise: '** of a text is the text', expression: '**', input: 'x', gives: 'x' },
  {
    promise: '** can be filtered',
    expression: '**[n > 1].n',
    input: { n: 1, a: { n: 2, b: { n: 3 } } },
    gives: [2, 3],
  },
]

export const parents: readonly Case[] = [
  {
    promise: '% is the object that holds the step',
    expression: 'orders.lines.{"id": %.id, "sku": sku}',
    input: ORDERS,
    gives: [
      { id: 1, sku: 'a' },
      { id: 1, sku: 'b' },
      { id: 2, sku: 'a' },
    ],
  },
  { promise: '%.% goes two levels up', expression: 'a.b.c.(%.%.n)', input: { a: { n: 1, b: { c: 5 } } }, gives: 1 },
  { promise: '% can be read in a predicate', expression: 'orders.lines[%.id = 2].price', input: ORDERS, gives: 5 },
  {
    promise: '% can be read in an order',
    expression: 'orders.lines^(>%.id, price).price',
    input: ORDERS,
    gives: [5, 2, 3],
  },
  { promise: '% as a step', expression: 'orders.lines[sku = "b"].%.id', input: ORDERS, gives: 1 },
  { promise: '% at the top has no meaning', expression: '%', input: {}, fails: 'S0217' },
]

export const predicates: readonly Case[] = [
  { promise: 'a number is an index from 0', expression: 'a[0]', input: { a: [1, 2, 3] }, gives: 1 },
  { promise: 'a negative index counts from the end', expression: 'a[-1]', input: { a: [1, 2, 3] }, gives: 3 },
  { promise: 'an index is rounded down', expression: '[a[1.9], a[-0.5]]', input: { a: [1, 2, 3] }, gives: [2, 3] },
  { promise: 'an index beyond the end is nothing', expression: 'a[3]', input: { a: [1, 2, 3] }, gives: nothing },
  {
    promise: 'an index belongs to the step: of each parent one',
    expression: 'a.b[0]',
    input: { a: [{ b: [1, 2] }, { b: [3, 4] }] },
    gives: [1, 3],
  },
  {
    promise: 'parentheses make it an index of the whole',
    expression: '(a.b)[0]',
    input: { a: [{ b: [1, 2] }, { b: [3, 4] }] },
    gives: 1,
  },
  { promise: 'a single value is a list of one', expression: '[a[0], a[-1]]', input: { a: 'x' }, gives: ['x', 'x'] },
  { promise: 'a list of numbers picks several', expression: 'a[[0, 2]]', input: { a: [1, 2, 3] }, gives: [1, 3] },
  {
    promise: 'picked items keep the order of the data',
    expression: 'a[[2, 0]]',
    input: { a: [1, 2, 3] },
    gives: [1, 3],
  },
  { promise: 'an index named twice picks twice', expression: 'a[[1, 1]]', input: { a: [1, 2, 3] }, gives: [2, 2] },
  { promise: 'a range picks a part', expression: 'a[[1..2]]', input: { a: [1, 2, 3, 4] }, gives: [2, 3] },
  {
    promise: 'a number that is computed is an index too',
    expression: 'a[$count($$.a) - 1]',
    input: { a: [1, 2, 3] },
    gives: 3,
  },
  {
    promise: 'anything else keeps the items for which it is true',
    expression: 'a[$ > 1]',
    input: { a: [1, 2, 3] },
    gives: [2, 3],
  },
  {
    promise: 'a predicate sees the item as its context',
    expression: 'a[n = 2].s',
    input: {
      a: [
        { n: 1, s: 'x' },
        { n: 2, s: 'y' },
      ],
    },
    gives: 'y',
  },
  {
    promise: 'predicates follow each other',
    expression: 'a[n > 1][0].n',
    input: { a: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    gives: 2,
  },
  { promise: 'no match is nothing', expression: 'a[$ > 5]', input: { a: [1, 2, 3] }, gives: nothing },
  {
    promise: '[] keeps a list of one a list',
    expression: 'a[][n = 1]',
    input: { a: [{ n: 1 }, { n: 2 }] },
    gives: [{ n: 1 }],
  },
  { promise: '[] makes a list of a single value', expression: 'a[]', input: { a: 1 }, gives: [1] },
  { promise: '[] of nothing is nothing', expression: '$exists(a[])', input: { a: [] }, gives: true },
  {
    promise: '[] anywhere in a path keeps its result a list',
    expression: 'a[].b.c',
    input: { a: { b: { c: 1 } } },
    gives: [1],
  },
  {
    promise: 'an item that is a list is handed on whole by an index',
    expression: 'a[0]',
    input: { a: [[1, 2], 3] },
    gives: [1, 2],
  },
]

export const orders: readonly Case[] = [
  {
    promise: '^ puts in ascending order',
    expression: 'a^(n).n',
    input: { a: [{ n: 3 }, { n: 1 }, { n: 2 }] },
    gives: [1, 2, 3],
  },
  {
    promise: '^(>) puts in descending order',
    expression: 'a^(>n).n',
    input: { a: [{ n: 3 }, { n: 1 }, { n: 2 }] },
    gives: [3, 2, 1],
  },
  {
    promise: 'the next term decides between equals',
    expression: 'a^(n, >s).s',
    input: {
      a: [
        { n: 1, s: 'a' },
        { n: 0, s: 'c' },
        { n: 1, s: 'b' },
      ],
    },
    gives: ['c', 'b', 'a'],
  },
  {
    promise: 'equals keep their order',
    expression: 'a^(n).s',
    input: {
      a: [
        { n: 1, s: 'x' },
        { n: 1, s: 'a' },
        { n: 0, s: 'm' },
      ],
    },
    gives: ['m', 'x', 'a'],
  },
  {
    promise: 'items without the term come last, in both directions',
    expression: '[a^(n).s, a^(>n).s]',
    input: { a: [{ s: 'x' }, { n: 1, s: 'y' }, { n: 2, s: 'z' }] },
    gives: ['y', 'z', 'x', 'z', 'y', 'x'],
  },
  {
    promise: 'texts are ordered by their UTF-16 units',
    expression: 'a^($)',
    input: { a: ['b', 'a', 'B', 'é', '😀', '\uffff'] },
    gives: ['B', 'a', 'b', 'é', '😀', '\uffff'],
  },
  { promise: 'texts and numbers have no order', expression: 'a^($)', input: { a: [1, 'a'] }, fails: 'T2007' },
  { promise: 'objects have no order', expression: 'a^(o)', input: { a: [{ o: {} }, { o: {} }] }, fails: 'T2008' },
]

export const bindings: readonly Case[] = [
  {
    promise: '#$i is the position of an item',
    expression: 'a#$i.{"i": $i, "n": n}',
    input: { a: [{ n: 'x' }, { n: 'y' }] },
    gives: [
      { i: 0, n: 'x' },
      { i: 1, n: 'y' },
    ],
  },
  {
    promise: '#$i after a predicate counts what passed',
    expression: 'a[n > 1]#$i.($i & n)',
    input: { a: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    gives: ['02', '13'],
  },
  {
    promise: 'lists made behind a binding are flattened',
    expression: 'a#$i.[$i, n]',
    input: { a: [{ n: 1 }, { n: 2 }] },
    gives: [0, 1, 1, 2],
  },
  {
    promise: '#$i before a predicate can be read in it',
    expression: 'a#$i[$i < 2].n',
    input: { a: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    gives: [1, 2],
  },
  {
    promise: '@$e names an item and leaves the context where it was',
    expression: 'a@$e.{"e": $e.n, "here": n}',
    input: { n: 0, a: [{ n: 1 }, { n: 2 }] },
    gives: [
      { e: 1, here: 0 },
      { e: 2, here: 0 },
    ],
  },
  {
    promise: '@ joins two lists',
    expression: 'a@$x.b@$y[$x.k = $y.k].($x.v & $y.w)',
    input: {
      a: [
        { k: 1, v: 'p' },
        { k: 2, v: 'q' },
      ],
      b: [
        { k: 2, w: 'r' },
        { k: 1, w: 's' },
      ],
    },
    gives: ['ps', 'qr'],
  },
  {
    promise: '@ with # binds both',
    expression: 'a@$x#$i.b@$y[$x.k = $y.k].[$i, $y.w]',
    input: { a: [{ k: 1 }, { k: 2 }], b: [{ k: 2, w: 'r' }] },
    gives: [1, 'r'],
  },
  { promise: '@ must stand before predicates', expression: 'a[0]@$e', input: {}, fails: 'S0215' },
]
