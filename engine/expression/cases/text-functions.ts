import { type Case, nothing } from './case.ts'

export const $string: readonly Case[] = [
  { promise: 'a text stays as it is', expression: '$string("a\\"b")', gives: 'a"b' },
  {
    promise: 'anything else becomes JSON',
    expression: '[$string(1), $string(true), $string(null), $string([1, "a"]), $string({"k": {}})]',
    gives: ['1', 'true', 'null', '[1,"a"]', '{"k":{}}'],
  },
  {
    promise: 'numbers have at most 15 digits',
    expression: '[$string(0.1 + 0.2), $string(1/3), $string(1e21), $string(5e-324)]',
    gives: ['0.3', '0.333333333333333', '1e+21', '5e-324'],
  },
  { promise: 'integers have all their digits', expression: '$string(9007199254740991)', gives: '9007199254740991' },
  { promise: 'minus zero is 0', expression: '$string(a)', input: { a: -0 }, gives: '0' },
  {
    promise: 'true as a second argument spreads it over lines',
    expression: '$string({"a": [1]}, true)',
    gives: '{\n  "a": [\n    1\n  ]\n}',
  },
  { promise: 'nothing has no text', expression: '$string(a)', input: {}, gives: nothing },
  {
    promise: 'the context is its text without an argument',
    expression: 'a.$string()',
    input: { a: [1, 2] },
    gives: ['1', '2'],
  },
  { promise: 'infinity has no text', expression: '$string(1/0)', fails: 'D3001' },
]

export const $length: readonly Case[] = [
  {
    promise: 'characters, not UTF-16 units',
    expression: '[$length("abc"), $length("😀"), $length("e\u0301"), $length("")]',
    gives: [3, 1, 2, 0],
  },
  { promise: 'nothing has no length', expression: '$length(a)', input: {}, gives: nothing },
  { promise: 'of texts only', expression: '$length(5)', fails: 'T0410' },
  { promise: 'of a context that is a text', expression: 'a.$length()', input: { a: ['x', 'yz'] }, gives: [1, 2] },
  { promise: 'not of a context that is none', expression: 'a.$length()', input: { a: 5 }, fails: 'T0411' },
]

export const $substring: readonly Case[] = [
  {
    promise: 'from a position, and how many',
    expression: '[$substring("hello", 1), $substring("hello", 1, 3)]',
    gives: ['ello', 'ell'],
  },
  { promise: 'from the end', expression: '[$substring("hello", -2), $substring("hello", -4, 2)]', gives: ['lo', 'el'] },
  {
    promise: 'beyond the ends there is nothing more',
    expression: '[$substring("hi", 5), $substring("hi", -5), $substring("hi", 0, 9), $substring("hi", 0, -1)]',
    gives: ['', 'hi', 'hi', ''],
  },
  { promise: 'characters are whole', expression: '$substring("a😀b", 1, 1)', gives: '😀' },
  { promise: 'of the context', expression: 's.$substring(1)', input: { s: 'abc' }, gives: 'bc' },
  { promise: 'of nothing', expression: '$substring(a, 1)', input: {}, gives: nothing },
]

export const $substringBefore: readonly Case[] = [
  { promise: 'what stands before the first match', expression: '$substringBefore("a-b-c", "-")', gives: 'a' },
  { promise: 'all where nothing matches', expression: '$substringBefore("abc", "-")', gives: 'abc' },
  { promise: 'nothing stands before the empty text', expression: '$substringBefore("abc", "")', gives: '' },
]

export const $substringAfter: readonly Case[] = [
  { promise: 'what stands after the first match', expression: '$substringAfter("a-b-c", "-")', gives: 'b-c' },
  { promise: 'all where nothing matches', expression: '$substringAfter("abc", "-")', gives: 'abc' },
]

export const $uppercase: readonly Case[] = [
  { promise: 'as Unicode says', expression: '[$uppercase("aé"), $uppercase("ß")]', gives: ['AÉ', 'SS'] },
  { promise: 'of nothing', expression: '$uppercase(a)', input: {}, gives: nothing },
]

export const $lowercase: readonly Case[] = [
  { promise: 'as Unicode says', expression: '$lowercase("ÀB")', gives: 'àb' },
  { promise: 'of texts only', expression: '$lowercase(null)', fails: 'T0410' },
]

export const $trim: readonly Case[] = [
  { promise: 'no white space at the ends, single spaces within', expression: '$trim("  a \\n\\t b  ")', gives: 'a b' },
  { promise: 'of white space alone nothing is left', expression: '$trim(" \\t ")', gives: '' },
]

export const $pad: readonly Case[] = [
  {
    promise: 'to the right, or to the left for a negative width',
    expression: '[$pad("a", 3), $pad("a", -3)]',
    gives: ['a  ', '  a'],
  },
  { promise: 'with other texts', expression: '[$pad("a", 6, "xy"), $pad("a", -4, "0")]', gives: ['axyxyx', '000a'] },
  { promise: 'what is long enough stays', expression: '$pad("abc", 2)', gives: 'abc' },
  { promise: 'a width in characters', expression: '$pad("😀", 2, "-")', gives: '😀-' },
]

export const $contains: readonly Case[] = [
  {
    promise: 'a text',
    expression: '[$contains("abc", "bc"), $contains("abc", "x"), $contains("abc", "")]',
    gives: [true, false, true],
  },
  { promise: 'a pattern', expression: '$contains("a1", /\\d/)', gives: true },
  { promise: 'a matcher must be built like one', expression: '$contains("a", function($s){ $s })', fails: 'T1010' },
]

export const $split: readonly Case[] = [
  { promise: 'at a text', expression: '$split("a,b,,c", ",")', gives: ['a', 'b', '', 'c'] },
  { promise: 'at a pattern', expression: '$split("a1b22c", /\\d+/)', gives: ['a', 'b', 'c'] },
  { promise: 'into characters, by UTF-16 unit', expression: '$count($split("a😀", ""))', gives: 3 },
  {
    promise: 'so many parts at most',
    expression: '[$split("a,b,c", ",", 2), $split("a1b2c", /\\d/, 1)]',
    gives: ['a', 'b', 'a'],
  },
  { promise: 'not fewer than none', expression: '$split("a", ",", -1)', fails: 'D3020' },
]

export const $join: readonly Case[] = [
  {
    promise: 'without and with a separator',
    expression: '[$join(["a", "b"]), $join(["a", "b"], "-")]',
    gives: ['ab', 'a-b'],
  },
  { promise: 'a single text', expression: '$join("a", "-")', gives: 'a' },
  { promise: 'texts only', expression: '$join([1, 2])', fails: 'T0412' },
  { promise: 'of nothing', expression: '$join(a)', input: {}, gives: nothing },
]

export const $match: readonly Case[] = [
  {
    promise: 'every match with its place and groups',
    expression: '$match("ab12cd3", /([a-z]+)(\\d)/)',
    gives: [
      { match: 'ab1', index: 0, groups: ['ab', '1'] },
      { match: 'cd3', index: 4, groups: ['cd', '3'] },
    ],
  },
  { promise: 'so many at most', expression: '$match("aaa", /a/, 2).index', gives: [0, 1] },
  { promise: 'no match is nothing', expression: '$match("abc", /x/)', gives: nothing },
  {
    promise: 'a group that did not take part stands as nothing',
    expression: '$count($match("a", /(a)(b)?/).groups)',
    gives: 2,
  },
  { promise: 'not fewer than none', expression: '$match("a", /a/, -1)', fails: 'D3040' },
]

export const $replace: readonly Case[] = [
  { promise: 'every occurrence of a text', expression: '$replace("a-b-c", "-", "+")', gives: 'a+b+c' },
  { promise: 'so many at most', expression: '$replace("aaa", "a", "b", 2)', gives: 'bba' },
  {
    promise: '$0 is the match, $1 a group, $$ a dollar',
    expression: '$replace("ab12", /([a-z]+)(\\d+)/, "$2$1 $0 $$1")',
    gives: '12ab ab12 $1',
  },
  {
    promise: 'a function makes the replacement',
    expression: '$replace("a1b2", /\\d/, function($m){ $string($number($m.match) * 2) })',
    gives: 'a2b4',
  },
  {
    promise: 'a dollar in a replacement for a text means nothing',
    expression: '$replace("a", "a", "$0$1")',
    gives: '$0$1',
  },
  { promise: 'the empty text cannot be replaced', expression: '$replace("a", "", "b")', fails: 'D3010' },
  { promise: 'not fewer than none', expression: '$replace("a", "a", "b", -1)', fails: 'D3011' },
  { promise: 'the function must give a text', expression: '$replace("a", /a/, function(){ 1 })', fails: 'D3012' },
]

export const $base64encode: readonly Case[] = [
  {
    promise: 'of each UTF-16 unit its lower byte',
    expression: '[$base64encode("Hello"), $base64encode("é")]',
    gives: ['SGVsbG8=', '6Q=='],
  },
]

export const $base64decode: readonly Case[] = [
  {
    promise: 'what base64 stands for',
    expression: '[$base64decode("SGVsbG8="), $base64decode("6Q==")]',
    gives: ['Hello', 'é'],
  },
]

export const $encodeUrlComponent: readonly Case[] = [
  {
    promise: 'what means something in a URL is escaped',
    expression: '$encodeUrlComponent("?x=a b&é")',
    gives: '%3Fx%3Da%20b%26%C3%A9',
  },
  { promise: 'half a character cannot be', expression: '$encodeUrlComponent("\\ud800")', fails: 'D3140' },
]

export const $encodeUrl: readonly Case[] = [
  {
    promise: 'the parts of a URL stay',
    expression: '$encodeUrl("https://a.b/c d?x=é")',
    gives: 'https://a.b/c%20d?x=%C3%A9',
  },
  { promise: 'half a character cannot be', expression: '$encodeUrl("\\ud800")', fails: 'D3140' },
]

export const $decodeUrlComponent: readonly Case[] = [
  { promise: 'escapes are undone', expression: '$decodeUrlComponent("%3Fx%3D%C3%A9")', gives: '?x=é' },
  { promise: 'half an escape cannot be', expression: '$decodeUrlComponent("%E0%A4%A")', fails: 'D3140' },
]

export const $decodeUrl: readonly Case[] = [
  {
    promise: 'escapes are undone, but not those of what means something',
    expression: '$decodeUrl("https://a.b/c%20d%3F")',
    gives: 'https://a.b/c d%3F',
  },
  { promise: 'half an escape cannot be', expression: '$decodeUrl("%E0%A4%A")', fails: 'D3140' },
]
