import { FIELDS, NASTY_FIELDS, TEXTS } from '../inputs.ts'
import { list, type Tree, tree } from '../tree.ts'
import type { Rule, Rules, Writer } from './writer.ts'

export const number: Rule = (write) => tree('number')`${numberText(write)}`

export const text: Rule = (write) => tree('string')`${quoted(write, write.pick(TEXTS))}`

export const truth: Rule = (write) => tree('value')`${write.pick(['true', 'false'])}`

export const nothing: Rule = (write) => tree('value')`${write.pick(['null', 'null', 'missing'])}`

export const emptyList: Rule = () => tree('array')`[]`

export const emptyObject: Rule = () => tree('object')`{}`

/** Never one that could make an argument like the width of `$pad` costly. */
export const smallNumber: Rule = (write) => tree('number')`${String(write.between(-3, 9))}`

export const field: Rule = (write) => tree('name')`${fieldName(write)}`

export const numberField: Rule = (write) => tree('name')`${write.pick(['n', 'm'])}`

export const textField: Rule = (write) => tree('name')`${write.pick(['s', 't'])}`

export const listField: Rule = (write) => tree('name')`${write.pick(['a', 'b', 'q', 'w'])}`

export const objectField: Rule = (write) => tree('name')`${write.pick(['o', 'a', 'b'])}`

/** All safe by the engine's judgement. */
export const regex: Rule = (write) => tree('regex')`${write.pick(REGEXES)}`

/** What `$match` and its like take: mostly a regular expression. */
export const pattern: Rule = (write, depth) => write.by(PATTERNS)(write, depth)

export const numberPicture: Rule = (write, depth) => picture(write, depth, NUMBER_PICTURES)

export const integerPicture: Rule = (write, depth) => picture(write, depth, INTEGER_PICTURES)

export const momentPicture: Rule = (write, depth) => picture(write, depth, MOMENT_PICTURES)

export const moment: Rule = (write) => tree('string')`${quoted(write, write.pick(MOMENTS))}`

export const numeral: Rule = (write) => tree('string')`${quoted(write, write.pick(NUMERALS))}`

export const numberish: Rule = (write) => tree('string')`${quoted(write, write.pick(NUMBER_TEXTS))}`

export const zone: Rule = (write) => tree('string')`"${write.pick(['+0000', '-0500', '+0530', '0100', 'Z', '+1'])}"`

export const replacement: Rule = (write) =>
  tree('string')`"${write.pick(['', '-', '$0', '$1', '[$1$2]', '$$', '$12', '$', 'x$5y'])}"`

/** The symbols of `$formatNumber`, none empty. */
export const symbols: Rule = (write) => tree('object')`{${list(write.pick(SYMBOLS))}}`

export function fieldName(write: Writer): string {
  if (write.often(0.94)) return write.pick(FIELDS)
  return `\`${write.pick(NASTY_FIELDS)}\``
}

function numberText(write: Writer): string {
  return write.often(0.7) ? String(write.between(-2, 10)) : write.pick(NUMBER_LITERALS)
}

function quoted(write: Writer, value: string): string {
  const double = JSON.stringify(value)
  if (write.often(0.9)) return double
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", '\\u0027')}'`
}

/** Now and then any text at all. */
function picture(write: Writer, depth: number, pictures: readonly string[]): Tree {
  return write.often(0.05) ? write.expression('text', depth) : tree('string')`"${write.pick(pictures)}"`
}

const NUMBER_LITERALS = [
  '0',
  '-0',
  '0.5',
  '1.5',
  '-2.5',
  '100',
  '1e21',
  '1e-7',
  '0.1',
  '1e300',
  '9007199254740993',
  '1521801216617',
]

const REGEXES = [
  '/a/',
  '/A/i',
  '/[a-z]+/',
  '/[A-Z]/i',
  '/^a/m',
  '/b$/',
  '/(a)(b)?/',
  '/([a-z])([0-9])?/',
  '/\\d+/',
  '/\\s+/',
  '/,/',
  '/./',
  '/x*/',
  '/(?:a|b)/',
  '/(?<year>\\d{4})-(\\d\\d)/',
  '/-/',
  '/[^a-z]/',
  '/\\//',
  '/é/',
  '/o(?= )/',
  '/\\bW/',
  '/$/',
]

const PATTERNS: Rules = [
  [6, regex],
  [2, (write) => tree('string')`"${write.pick(['a', ',', '-', 'b', '', ' ', 'zz'])}"`],
  [1, (write, depth) => write.expression('text', depth)],
  [1, (write, depth) => write.expression('function', depth)],
  [
    1,
    () =>
      tree(
        'matcher',
      )`function($x, $y){ {"match": "a", "start": 0, "end": 1, "groups": [$x], "next": function(){ missing }} }`,
  ],
  [1, () => tree('matcher')`function($x){ $x = "a" ? {"match": "a", "start": 0, "end": 1} }`],
]

const NUMBER_PICTURES = [
  '#',
  '0',
  '0.00',
  '#,##0.00',
  '#,###',
  '00.000e0',
  '0.0#e00',
  '#0%',
  '0‰',
  '$0.0',
  '0;(0)',
  '#.##;-#.##',
  '#,##,#0.0#,#0',
  '',
  '0.0.0',
  '0%%',
  '#0#',
  '0,',
  'abc',
  '0;0;0',
  '9,99',
]

const INTEGER_PICTURES = [
  '0',
  '000',
  '#,##0',
  '0,000',
  '#:000',
  'w',
  'W',
  'Ww',
  'i',
  'I',
  'a',
  'A',
  '0;o',
  'w;o',
  '1',
  '#',
  '٠',
  '#٠0',
  '',
  'α',
]

const MOMENT_PICTURES = [
  '[Y0001]-[M01]-[D01]',
  '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001]Z',
  '[M01]/[D01]/[Y0001] [h#1]:[m01][P]',
  '[D1] [MNn] [Y]',
  '[D1o] [MNn,*-3] [Y]',
  '[FNn], [D1o] [MNn]',
  '[FNn,3-3]',
  '[Y][d001]',
  '[X0001]-W[W01]-[F1]',
  '[x]-[w]',
  '[H01]:[m01]:[s01] [z]',
  '[H01][m01] [Z]',
  '[Z0101t]',
  '[Y,2-2]',
  '[YI] [Yw]',
  '[Dwo] of [MNn], [YW]',
  '[f1]',
  '[C] [E]',
  '[[x]] [Y]',
  '[Y',
  '[q]',
  '[YN]',
  '',
]

const MOMENTS = [
  '2018-03-23',
  '2018-03-23T10:33:36.617Z',
  '2018-03-23T10:33:36',
  '2018-02-30',
  '2018',
  '1970-01-01T00:00:00.000+01:00',
  '12/31/1999 9:05pm',
  '3 March 2020',
  '3rd Mar 2020',
  '2020366',
  '10:33:36 GMT+01:00',
  '31st of December, MCMXCIX',
  'yesterday',
  '',
]

const NUMERALS = ['12', '1,234', 'MCMXCIX', 'xiv', 'twenty-one', 'one hundred and fifth', 'ab', 'Z', '12th', '', 'zero']

const NUMBER_TEXTS = [
  '12',
  '-1.5e3',
  '0x1F',
  '0b11',
  '0o17',
  '007',
  '+1',
  ' 1',
  '1.',
  '.5',
  '',
  'NaN',
  'Infinity',
  '1e999',
  '-0',
]

const SYMBOLS = [
  ['"decimal-separator": ","', '"grouping-separator": "."'],
  ['"minus-sign": "~"'],
  ['"zero-digit": "٠"'],
  ['"digit": "x"'],
  ['"percent": "pc"'],
  ['"pattern-separator": "|"'],
  ['"exponent-separator": "E"'],
  ['"unknown": "?"'],
]
