/** A counter-example that the fuzzer has found, and what it showed. Each is judged again in every run of the tests. */
export interface Found {
  readonly name: string
  readonly expression: string
  /** JSON text. */
  readonly input: string
  readonly bindings?: string
}

const MATCHER =
  'function($x, $y){ {"match": "a", "start": 0, "end": 1, "groups": [$x], "next": function(){ missing }} }'

export const FOUND: readonly Found[] = [
  { name: 'an empty array at the beginning of a path is its result', expression: '[].a', input: 'null' },
  { name: 'an empty array at the beginning of a path is no key', expression: '{[].a: a}', input: 'null' },
  { name: 'a function in place of an empty step', expression: '[].$pad(5)', input: '0' },
  { name: 'predicates on an empty array', expression: '[][][-2].z', input: 'null' },
  { name: '[] after an order marks no array of the input', expression: 'o^(s)[]', input: '{"o":[]}' },
  { name: '[] in a function marks no array of the input', expression: 'a ~> function(){ b^(a)[] }', input: '{"b":[]}' },
  { name: '[] keeps an array that holds an empty one', expression: 'z[]', input: '[{"z":[[]]}]' },
  { name: 'a transform of an empty array in an array', expression: '$ ~> |a|{}|', input: '{"a":[[]]}' },
  { name: 'a transform with a group for its change', expression: 'z ~> |$|{}{}|', input: '{"z":[[]]}' },
  { name: 'a transform whose pattern leads out of its copy', expression: 'o ~> |$$|{}, "n"|', input: '{"n":0,"o":{}}' },
  {
    name: 'a transform whose pattern leads to the input',
    expression: 'a ~> |$$|{$x: o}|',
    input: '{"o":null,"a":{}}',
    bindings: '{"x":""}',
  },
  { name: 'a transform does not make a field __proto__', expression: 'a ~> |*|{"__proto__": 1}|', input: '{"a":[{}]}' },
  {
    name: 'a transform does not change a prototype',
    expression: '$ ~> |a[0]|{"__proto__": a}|',
    input: '{"a":{"a":0}}',
  },
  { name: 'grouping leaves an empty array of the input empty', expression: '[b{t: $}, $x]', input: '{"b":[]}' },
  { name: 'a group that shows the whole input', expression: 'b{"": $$}', input: '{"b":[]}' },
  { name: 'a key that shows the whole input', expression: 'a{$$ & a: 1}', input: '{"a":[]}' },
  { name: 'a group of nothing behind an order with parents', expression: 'a.b^(%.n, n){1: a}', input: '{"a":null}' },
  { name: '$eval changes no input', expression: '{"": {}, n: {$eval(): m}}', input: '[]' },
  { name: 'too many arguments after a missing one', expression: '$max(a, 5)', input: '{"a":[]}' },
  {
    name: 'a third argument of the wrong type',
    expression: `$match(t, ${MATCHER}, $x)`,
    input: '{"t":""}',
    bindings: '{"x":""}',
  },
  { name: 'arguments come before what is called', expression: 'λ(){ {}(a ~> $replace(a)) }()', input: 'null' },
  { name: 'of two parts that fail, the first', expression: '[a{a: m}, {a: b}]', input: '{"a":{"a":2}}' },
  { name: 'of two values that fail, the first', expression: '{"": [n..a], a: a ~> a}', input: '{"a":"ß"}' },
  { name: 'a partial application takes what its function takes', expression: 'n ~> $average(?)', input: '{"n":0}' },
  { name: 'a partial $filter of what has no length', expression: 'null ~> $filter(a, ?)', input: '{"a":0}' },
  { name: 'a partial $map of what has no length', expression: '1 ~> $map(?)', input: 'null' },
  { name: 'a partial $reverse of what has no length', expression: '$reverse(?)(a)', input: '{"a":1}' },
  { name: 'a partial $reverse of a number', expression: 'q ~> $reverse(?)', input: '{"q":0}' },
  { name: 'composed functions have no context', expression: '[1, 2].($power ~> $max)(a)', input: '{}' },
  { name: 'composed functions in a group have no context', expression: 'a{"": ($power ~> $max)(a)}', input: 'null' },
  { name: '$reduce of a number', expression: '$reduce(8, function($x, $y){ $max([$x, $y]) })', input: 'null' },
  { name: 'a partial $min of an object', expression: '$min(?)({})', input: 'null' },
  { name: 'a partial $sort of what has no length', expression: 'a ~> $sort(?, a)', input: '{"a":0}' },
  {
    name: 'an input that carries the mark of a function',
    expression: 'a',
    input: '{"_jsonata_function":true,"a":null}',
  },
  { name: 'nothing is left of an array, and marked', expression: '[][3].a[]{a: a}', input: 'null' },
  { name: 'nothing is left of an array with []', expression: '[][][3].a{}', input: 'null' },
  { name: 'a group in place of an array goes on with bindings', expression: '[]{}.*@$e', input: 'null' },
  { name: 'an object is no prototype of itself', expression: '$ ~> |$|{s: $}|', input: '{"s":"__proto__"}' },
  { name: 'a count of objects', expression: '$count(a.{})', input: 'null' },
  {
    name: 'a function in itself blames the inner call',
    expression: '$single(a, function($x, $i, $y){ $single(q) })',
    input: '{"a":null}',
  },
  {
    name: 'a function in a function of itself blames the inner call',
    expression: '$map([1], function($x){ [$map($x, function($y){ 3 }), $x + "a"] })',
    input: 'null',
  },
  {
    name: 'a function that ends in itself blames the call at its end',
    expression: '$map([1], function($x){ $map($x, function($y){ $y + "a" }) })',
    input: 'null',
  },
  {
    name: 'a function that is a replacement of itself',
    expression: '$replace(w & m, /,/, /o(?= )/ ~> $replace)',
    input: '[{"w":0},{"w":7}]',
  },
  {
    name: 'a function that is used as a value blames its last call',
    expression: '($substring("abc", 1); 5 ~> $substring)',
    input: 'null',
  },
  {
    name: 'a function that is handed on blames its last call',
    expression: '($sum([1]); $map(["a"], $sum))',
    input: 'null',
  },
  {
    name: 'a call in the last place is noted before its arguments',
    expression: 'function($x){ $substring($x, $substring("abc", 1)) }("a")',
    input: 'null',
  },
  {
    name: 'a comparator in the last place of a function is none',
    expression: 'a ~> function(){ $sort(q, function($x, $y){ $string($x) > $string($y) }) }',
    input: '[{"q":null},{"q":null}]',
  },
  { name: 'a partial $replace of a number', expression: 'a ~> $replace(t, /é/, ?)', input: '{"t":0}' },
  { name: 'a partial $replace in a number', expression: '$replace(m, /([a-z])([0-9])?/, ?)(a)', input: '{"m":8}' },
  { name: 'a partial $split of a number', expression: '$split(?, /x/)(m)', input: '{"m":8}' },
  { name: 'a partial $merge of a text', expression: 't ~> $merge(?)', input: '{"t":""}' },
  { name: 'a partial $encodeUrl of an object', expression: '{} ~> $encodeUrl(?)', input: 'null' },
  { name: 'a partial $round of an object', expression: '{} ~> $round(?, 2)', input: 'null' },
  { name: 'a partial $round of an object of the data', expression: 'a ~> $round(?, 2)', input: '{"a":{}}' },
  { name: 'a partial $floor of a merged object', expression: '$merge([$]) ~> $floor(?)', input: '{"a":1}' },
  { name: 'a partial $abs of objects spread', expression: '$spread($) ~> $abs(?)', input: '{"a":1,"b":2}' },
  { name: 'a partial $pad of a sifted object', expression: '$sift(λ($v){$v}) ~> $pad(?, 9)', input: '{"a":1}' },
  { name: 'a partial $power of a group', expression: 'a{b: c} ~> $power(?, 2)', input: '{"a":{"b":"x","c":1}}' },
  {
    name: 'a partial $number of what a transform has set',
    expression: '($ ~> |a|{"b": {}}|).a.b ~> $number(?)',
    input: '{"a":{}}',
  },
  {
    name: 'data marked as a function is what is called',
    expression: 'a(o)',
    input: '{"a":{"_jsonata_function":true}}',
  },
  { name: 'data marked as a function is an argument', expression: 'a(o)', input: '{"o":{"_jsonata_function":true}}' },
  { name: 'data marked as a function is sifted', expression: '$sift(o)', input: '{"o":{"_jsonata_function":true}}' },
  { name: 'data marked as a function is there', expression: '$ ?? 6', input: '{"_jsonata_function":true}' },
  {
    name: 'data marked as a function before an argument that fails',
    expression: '$substring($x, "" - n)',
    input: '0',
    bindings: '{"x":{"_jsonata_function":true}}',
  },
  {
    name: 'data marked as a function before an argument that fails, of a function of its own',
    expression: 'function($a, $b){ 1 }($x, "" - n)',
    input: '0',
    bindings: '{"x":{"_jsonata_function":true}}',
  },
  {
    name: 'data marked as a function, with a length',
    expression: '$exists(o)',
    input: '{"o":{"_jsonata_function":true,"length":3}}',
  },
  {
    name: 'an error about functions that hold each other',
    expression: '{($f := function($x){ function($y){ $f } }; $g := $f(a); [$g(1), $g(a)]): a}',
    input: 'null',
  },
  {
    name: 'an error about a function in a transform',
    expression: '$$ ~> |*|($f := /[a-z]+/ ~> /(?<year>\\d{4})-(\\d\\d)/; [$f])|',
    input: '{"z":7}',
  },
  {
    name: 'a transform in a transform, beside an empty array that makes an object',
    expression: '$$ ~> |o|{"": q#$i.{"i": $i, "n": n}, a & a: $ ~> |o|{}{}|}|',
    input: '{"o":{"a":null,"q":[0,[]]}}',
  },
  { name: 'a prototype for null in a transform', expression: '$ ~> |null|{"__proto__": 1}|', input: '{}' },
  { name: 'a group beside a transform', expression: '[(w){s: a}, $ ~> |a[n > 1]|aa|]', input: '{"w":[]}' },
  { name: 'a function alone sifts the context', expression: '$sift(function($v){ $v })', input: '{"a":1}' },
  { name: 'a picture alone shows the context', expression: '$fromMillis("[Y]")', input: '0' },
  {
    name: 'a number beyond all bounds with an exponent',
    expression: '$formatNumber(n, "00.000e0")',
    input: '{"n":1e400}',
  },
  {
    name: 'the text of a function in a picture',
    expression: '"" ~> $parseInteger($replace(t, " ", function($x, $i, $y){ a }))',
    input: '{"t":" "}',
  },
  {
    name: 'how long the texts of functions are',
    expression: '[$length($replace(t, " ", function($x){ a })), $length($replace(t, " ", $uppercase))]',
    input: '{"t":" "}',
  },
  { name: 'a number beyond all bounds as letters', expression: 'n ~> $formatInteger(?, "A")', input: '{"n":1e400}' },
  {
    name: 'a merge of objects that are written out, with fields that come again or are missing',
    expression: '$merge([$, {"a": b, "z": 1, "toString": 2}, {"b": c, "z": {}}, {"n": a}])',
    input: '[{"a":1,"b":2},{"b":3,"__proto__":4}]',
  },
  {
    name: 'a merge of objects that are written out, of one record',
    expression: '$merge([$, {"a": b, "z": 1, "toString": 2}, {"b": c, "z": {}}, {"__proto__": a}])',
    input: '{"a":1,"b":2,"__proto__":{"x":1}}',
  },
  { name: 'a merge of a number', expression: '$merge([1])', input: 'null' },
  {
    name: 'a predicate on what a function has left of a list',
    expression: '$filter(a, function($x){ $x })[$single(1, a)]',
    input: '{"a":[]}',
  },
  {
    name: 'a position in what a function has made',
    expression: '$map([1], function($x){ [[$x, 2]] })[0]',
    input: 'null',
  },
]
