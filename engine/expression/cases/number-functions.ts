import { type Case, nothing } from './case.ts'

export const $number: readonly Case[] = [
  {
    promise: 'texts of JSON numbers',
    expression: '[$number("12"), $number("-1.5e3"), $number("0")]',
    gives: [12, -1500, 0],
  },
  {
    promise: 'hexadecimal, octal and binary',
    expression: '[$number("0x1F"), $number("0o17"), $number("0b11")]',
    gives: [31, 15, 3],
  },
  { promise: 'true and false', expression: '[$number(true), $number(false)]', gives: [1, 0] },
  { promise: 'a number stays', expression: '$number(5)', gives: 5 },
  { promise: 'of nothing', expression: '$number(a)', input: {}, gives: nothing },
  { promise: 'other texts are none', expression: '$number("1,000")', fails: 'D3030' },
  { promise: 'the empty text is none', expression: '$number("")', fails: 'D3030' },
  { promise: 'null is none', expression: '$number(null)', fails: 'T0410' },
]

export const $abs: readonly Case[] = [{ promise: 'without the sign', expression: '[$abs(-5), $abs(5)]', gives: [5, 5] }]

export const $floor: readonly Case[] = [
  { promise: 'down to an integer', expression: '[$floor(1.9), $floor(-1.1)]', gives: [1, -2] },
  { promise: 'of the context', expression: 'a.$floor()', input: { a: [1.5, 2.5] }, gives: [1, 2] },
]

export const $ceil: readonly Case[] = [
  { promise: 'up to an integer', expression: '[$ceil(1.1), $ceil(-1.9)]', gives: [2, -1] },
]

export const $round: readonly Case[] = [
  {
    promise: 'a half goes to the even one',
    expression: '[$round(0.5), $round(1.5), $round(2.5), $round(-2.5)]',
    gives: [0, 2, 2, -2],
  },
  {
    promise: 'to so many places',
    expression: '[$round(123.456, 2), $round(123.456, -1), $round(11.5, 0)]',
    gives: [123.46, 120, 12],
  },
  { promise: 'as the number is written, not as it is stored', expression: '$round(1.005, 2)', gives: 1 },
]

export const $sqrt: readonly Case[] = [
  { promise: 'the square root', expression: '$sqrt(16)', gives: 4 },
  { promise: 'of a negative number there is none', expression: '$sqrt(-1)', fails: 'D3060' },
]

export const $power: readonly Case[] = [
  { promise: 'base and exponent', expression: '[$power(2, 10), $power(4, 0.5), $power(2, -1)]', gives: [1024, 2, 0.5] },
  { promise: 'of the context', expression: 'a.$power(2)', input: { a: [2, 3] }, gives: [4, 9] },
  { promise: 'what JSON has no number for is an error', expression: '$power(10, 999)', fails: 'D3061' },
]

export const $formatNumber: readonly Case[] = [
  {
    promise: 'digits that must and digits that may be there',
    expression: '[$formatNumber(1234.5, "#,##0.00"), $formatNumber(5, "000"), $formatNumber(0.5, "#.##")]',
    gives: ['1,234.50', '005', '.5'],
  },
  {
    promise: 'percent and per mille',
    expression: '[$formatNumber(0.14, "#0%"), $formatNumber(0.14, "#0‰")]',
    gives: ['14%', '140‰'],
  },
  { promise: 'exponents', expression: '$formatNumber(1234.5678, "00.000e0")', gives: '12.346e2' },
  {
    promise: 'a picture of its own for negative numbers',
    expression: '[$formatNumber(-5, "0;(0)"), $formatNumber(-5, "0")]',
    gives: ['(5)', '-5'],
  },
  {
    promise: 'other symbols',
    expression: '$formatNumber(1234.5, "#.##0,00", {"decimal-separator": ",", "grouping-separator": "."})',
    gives: '1.234,50',
  },
  { promise: 'other digits', expression: '$formatNumber(10, "٠٠", {"zero-digit": "٠"})', gives: '١٠' },
  { promise: 'of nothing', expression: '$formatNumber(a, "0")', input: {}, gives: nothing },
  { promise: 'at most two pictures', expression: '$formatNumber(1, "0;0;0")', fails: 'D3080' },
  { promise: 'one decimal point', expression: '$formatNumber(1, "0.0.0")', fails: 'D3081' },
  { promise: 'one percent sign', expression: '$formatNumber(1, "0%%")', fails: 'D3082' },
  { promise: 'a digit', expression: '$formatNumber(1, ".")', fails: 'D3085' },
]

export const $formatBase: readonly Case[] = [
  {
    promise: 'ten unless another base is given',
    expression: '[$formatBase(100), $formatBase(100, 2), $formatBase(255, 16)]',
    gives: ['100', '1100100', 'ff'],
  },
  { promise: 'a fraction is rounded away', expression: '$formatBase(2.5, 2)', gives: '10' },
  { promise: 'between 2 and 36', expression: '$formatBase(1, 37)', fails: 'D3100' },
]

export const $formatInteger: readonly Case[] = [
  {
    promise: 'digits',
    expression: '[$formatInteger(12345, "#,##0"), $formatInteger(7, "000")]',
    gives: ['12,345', '007'],
  },
  {
    promise: 'words',
    expression: '[$formatInteger(123, "w"), $formatInteger(42, "Ww"), $formatInteger(3, "w;o")]',
    gives: ['one hundred and twenty-three', 'Forty-Two', 'third'],
  },
  {
    promise: 'ordinals',
    expression: '[$formatInteger(1, "1;o"), $formatInteger(12, "1;o"), $formatInteger(23, "1;o")]',
    gives: ['1st', '12th', '23rd'],
  },
  {
    promise: 'Roman numerals',
    expression: '[$formatInteger(1999, "I"), $formatInteger(14, "i")]',
    gives: ['MCMXCIX', 'xiv'],
  },
  { promise: 'letters', expression: '[$formatInteger(28, "A"), $formatInteger(1, "a")]', gives: ['AB', 'a'] },
  { promise: 'other sequences are not there', expression: '$formatInteger(1, "α")', fails: 'D3130' },
  { promise: 'one family of digits at a time', expression: '$formatInteger(1, "0٠")', fails: 'D3131' },
]

export const $parseInteger: readonly Case[] = [
  { promise: 'digits', expression: '$parseInteger("12,345", "#,##0")', gives: 12_345 },
  {
    promise: 'words',
    expression: '[$parseInteger("one hundred and twenty-three", "w"), $parseInteger("third", "w;o")]',
    gives: [123, 3],
  },
  {
    promise: 'Roman numerals and letters',
    expression: '[$parseInteger("MCMXCIX", "I"), $parseInteger("AB", "A")]',
    gives: [1999, 28],
  },
  { promise: 'of nothing', expression: '$parseInteger(a, "0")', input: {}, gives: nothing },
]

export const $sum: readonly Case[] = [
  { promise: 'of a list', expression: '$sum([1, 2, 3.5])', gives: 6.5 },
  { promise: 'of a single number', expression: '$sum(5)', gives: 5 },
  { promise: 'of an empty list it is 0, of nothing nothing', expression: '[$sum([]), $sum(a)]', input: {}, gives: [0] },
  { promise: 'of numbers only', expression: '$sum([1, "2"])', fails: 'T0412' },
  { promise: 'of a text it is an error', expression: '$sum("1")', fails: 'T0412' },
  {
    promise: 'of what a path finds',
    expression: '$sum(a.(n * m))',
    input: { a: [{ n: 2, m: 3 }, { n: 1 }, { n: 4, m: 5 }] },
    gives: 26,
  },
]

export const $count: readonly Case[] = [
  {
    promise: 'of a list, a single value, nothing',
    expression: '[$count([1, 2]), $count("a"), $count(a), $count([])]',
    input: {},
    gives: [2, 1, 0, 0],
  },
  { promise: 'it takes one argument', expression: '$count(1, 2)', fails: 'T0410' },
]

export const $max: readonly Case[] = [
  { promise: 'the largest', expression: '$max([1, 5, 3])', gives: 5 },
  { promise: 'of an empty list there is none', expression: '$max([])', gives: nothing },
]

export const $min: readonly Case[] = [
  { promise: 'the smallest', expression: '$min([4, 1, 3])', gives: 1 },
  { promise: 'of numbers only', expression: '$min(["a"])', fails: 'T0412' },
]

export const $average: readonly Case[] = [
  { promise: 'the mean', expression: '$average([1, 2, 6])', gives: 3 },
  { promise: 'of an empty list there is none', expression: '$average([])', gives: nothing },
]
