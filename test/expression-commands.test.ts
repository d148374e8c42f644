import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { streamrun, workFolder } from './streamrun.ts'

const cwd = workFolder()

describe('eval', () => {
  const evaluate = (args: readonly string[], input?: string) =>
    streamrun(['eval', ...args], { cwd, ...(input === undefined ? {} : { input }) })

  it('prints one line of JSON for the result of each record, an empty one for nothing', async () => {
    const { code, stdout, stderr } = await evaluate(['{"total": price * qty}[total > 1]', '--input', '-'], RECORDS)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('{"total":6}\n\n{"total":4}\n')
  })
  const RECORDS = '{"price":2,"qty":3}\n\n{"price":1,"qty":1}\n{"price":2,"qty":2}'

  it('takes a document of several lines for one record, and {} without an input', async () => {
    expect((await evaluate(['$sum(a)', '--input', '-'], '{\n  "a": [1,\n 2]\n}\n')).stdout).toBe('3\n')
    expect((await evaluate(['[$, $count($keys($))]'])).stdout).toBe('[{},0]\n')
  })

  it('reads a file, and binds what a pipeline binds', async () => {
    writeFileSync(join(cwd, 'r.ndjson'), '1\n2\n')
    const { stdout } = await streamrun(
      ['eval', '[$, $origin.position.line, $env.REGION, $key]', '--input', 'r.ndjson'],
      {
        cwd,
        env: { REGION: 'eu' },
      },
    )
    expect(stdout).toBe('[1,1,"eu",null]\n[2,2,"eu",null]\n')
  })

  it('goes on after a record that fails, points into the expression, and ends with 70', async () => {
    const input = '{"price":2}\n{"price":"secret"}\n{"price"\n{"price":3}\n'
    const { code, stdout, stderr } = await evaluate(['(\n  price * 2\n)', '--input', '-'], input)
    expect({ code, stdout }).toEqual({ code: 70, stdout: '4\n\n\n6\n' })
    expect(stderr).toMatch(
      /^stdin:2: SR_EXPRESSION_FAILED T2001 at "\*": .*\n {4}price \* 2\n {10}\^\nstdin:3: SR_JSON_INVALID /,
    )
    expect(stderr).not.toContain('secret')
  })

  it.each([
    ['1 +', /^SR_USAGE expression: unexpected end of expression\n {2}1 \+\n {5}\^\n$/],
    [
      '$summ(a)',
      /^SR_USAGE expression: there is no function \$summ\n {2}\$summ\(a\)\n {2}\^{5} did you mean "\$sum"\?\n$/,
    ],
  ])('refuses what is no expression, with a caret: %s', async (text, message) => {
    const { code, stderr } = await evaluate([text])
    expect(code).toBe(64)
    expect(stderr).toMatch(message)
  })

  it('says 66 for an input that is not there', async () => {
    const { code, stderr } = await evaluate(['a', '--input', 'nothing.json'])
    expect({ code, stderr }).toEqual({
      code: 66,
      stderr: 'SR_INPUT_MISSING --input nothing.json: there is no such file\n',
    })
  })

  it('shows with --explain how it would run, without running it', async () => {
    const { code, stdout } = await evaluate(['$sum(items.price)', '--explain'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^compiled\n(?:may read everything of the value|reads items.price)\n$/)
    const { stdout: json } = await evaluate(['$sum(items.price)', '--explain', '--json'])
    expect(JSON.parse(json)).toMatchObject({ mode: 'compiled' })
  })
})

describe('explain', () => {
  it('lists every expression with its place, in templates too, how it runs and what it reads', async () => {
    writeFileSync(join(cwd, 'shop.yaml'), SHOP)
    const { code, stdout } = await streamrun(['explain', 'shop.yaml'], { cwd })
    expect(code).toBe(0)
    const [cheap, odd, out] = stdout.split('\n\n')
    expect(cheap).toBe('shop.yaml:7:7 processors.cheap.where\n  | (\n  |   price < 20\n  | )\n  compiled; reads price')
    expect(odd).toMatch(
      /^shop.yaml:10:38 processors.odd.expression\n {2}\| \[\$x := 1, \$x\]\n {2}interpreted: \$x is bound .*; may read everything of the value$/,
    )
    expect(out).toBe('shop.yaml:12:34 sinks.out.path\n  | $uppercase(user.name)\n  compiled; reads user.name\n')
    const { stdout: json } = await streamrun(['explain', '--json', 'shop.yaml'], { cwd })
    expect(JSON.parse(json)).toMatchObject([
      { mode: 'compiled', reads: [['price']], line: 7, column: 7 },
      { mode: 'interpreted', why: expect.stringContaining('$x is bound'), reads: 'everything' },
      { path: 'sinks.out.path', expression: '$uppercase(user.name)' },
    ])
  })
  const SHOP = `sources:
  log: { type: file-tail, path: in.ndjson }
processors:
  cheap:
    type: filter
    where: |
      (
        price < 20
      )
  odd: { type: jsonata, expression: '[$x := 1, $x]' }
sinks:
  out: { type: file, path: 'out/{$uppercase(user.name)}.ndjson' }
`

  it('says why for every expression of pipelines/ and examples/ that is not compiled', async () => {
    const examples = readdirSync(join(cwd, 'examples')).map((name) => `examples/${name}/pipeline.yaml`)
    const shipped = readdirSync(join(cwd, 'pipelines')).map((name) => `pipelines/${name}`)
    // Not in one process: an example writes to a topic that a pipeline writes to as well.
    for (const files of [examples, shipped.filter((name) => name.endsWith('.yaml'))]) {
      const there = files.filter((file) => existsSync(join(cwd, file)))
      const { code, stdout, stderr } = await streamrun(['explain', '--json', '--no-env', ...there], { cwd })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const explained = JSON.parse(stdout) as { mode: string; why?: string }[]
      expect(explained.length).toBeGreaterThan(20)
      for (const { mode, why } of explained) if (mode !== 'compiled') expect(why).toMatch(/\w+ \w+/)
    }
  })

  it('reports the faults of a file as validate does', async () => {
    writeFileSync(
      join(cwd, 'bad.yaml'),
      'sources:\n  a: { type: file-tail, path: x, codec: jsn }\nsinks:\n  b: { type: stdout }\n',
    )
    const { code, stderr } = await streamrun(['explain', 'bad.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toMatch(/^SR_BAD_VALUE bad.yaml:2:41 /)
  })
})

describe('an expression that fails in a pipeline', () => {
  it('is named in the dead letter with its code, file, line and column, without the data of the record', async () => {
    const folder = workFolder()
    writeFileSync(
      join(folder, 'in.ndjson'),
      '{"price":"secret","kind":"a"}\n{"price":2,"kind":[]}\n{"price":2,"kind":"b"}\n',
    )
    writeFileSync(join(folder, 'shop.yaml'), PIPELINE)
    const { code, stderr } = await streamrun(['shop.yaml'], { cwd: folder })
    expect(code).toBe(0)
    const letters = deadLetters(folder)
    expect(letters.map(({ message }) => message)).toEqual([
      'T2001 at "*": the left side is not a number, at shop.yaml:10:24, in: { "total": price * 2, "kind": kind }',
      expect.stringContaining('the placeholder {kind} at shop.yaml:14:34 yields a list'),
    ])
    expect(letters.map(({ code }) => code)).toEqual(['SR_EXPRESSION_FAILED', 'SR_RECORD_SHAPE'])
    expect(letters[0]).toMatchObject({ partition: expect.stringContaining('in.ndjson'), position: { line: 1 } })
    expect(stderr).not.toContain('secret')
    expect(readFileSync(join(folder, 'out/b.ndjson'), 'utf8')).toBe('{"total":4,"kind":"b"}\n')
  })
  const PIPELINE = `sources:
  log: { type: file-tail, path: in.ndjson, follow: false }
processors:
  total:
    type: jsonata
    # the column counts in the file, not in the expression
    expression: |

      {
        "total": price * 2,
        "kind": kind
      }
sinks:
  out: { type: file, path: 'out/{kind}.ndjson' }
`
})

describe('tables', () => {
  it('are read once at the start and looked into by key', async () => {
    const folder = workFolder()
    mkdirSync(join(folder, 'tables'))
    writeFileSync(join(folder, 'tables/countries.csv'), 'code,name\nDK,Denmark\nDE,"Germany, FR of"\n')
    writeFileSync(join(folder, 'tables/rates.json'), '{"DKK": 7.46, "EUR": 1}')
    writeFileSync(join(folder, 'in.ndjson'), '{"c":"DK","r":"DKK"}\n{"c":"DE","r":"EUR"}\n{"c":"XX","r":"__proto__"}\n')
    writeFileSync(
      join(folder, 'named.yaml'),
      `tables:
  countries: { path: tables/countries.csv, key: code }
  rates: { path: tables/rates.json }
sources:
  log: { type: file-tail, path: in.ndjson, follow: false }
processors:
  named:
    type: jsonata
    expression: '{"name": $lookup_table("countries", c).name ?? "?", "rate": $lookup_table("rates", r) ?? 0}'
sinks:
  out: { type: file, path: out.ndjson }
`,
    )
    const { code, stderr } = await streamrun(['named.yaml'], { cwd: folder })
    expect({ code, letters: deadLetters(folder), stderr: stderr.includes('ERROR') }).toMatchObject({
      code: 0,
      letters: [],
    })
    expect(readFileSync(join(folder, 'out.ndjson'), 'utf8')).toBe(
      '{"name":"Denmark","rate":7.46}\n{"name":"Germany, FR of","rate":1}\n{"name":"?","rate":0}\n',
    )
  })
})

interface Letter {
  readonly code: string
  readonly message: string
  readonly partition: string
}

function deadLetters(folder: string): Letter[] {
  const files = readdirSync(folder, { recursive: true }).map(String)
  const letters = files.filter((name) => name.includes('dead-letters/') && name.endsWith('.ndjson'))
  return letters.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Letter),
  )
}
