import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, startStreamrun, streamrun, until, workFolder } from './streamrun.ts'

const PIPELINE = `
name: orders
sources:
  log: { type: file-tail, path: orders.log, codec: json }
processors:
  purchases: { type: filter, where: event = "purchase" }
  bucket:
    type: jsonata
    set: { bucket: '$exists(price) ? (price < $number($env.LOW) ? "low" : "high") : "unpriced"' }
sinks:
  out: { type: file, path: 'out/{bucket}.ndjson' }
`

/** A folder with a pipeline and the cases of its tests, without their `cases:`. */
function folderWith(cases: string): string {
  const cwd = workFolder()
  mkdirSync(join(cwd, 'p'))
  writeFileSync(join(cwd, 'p/orders.yaml'), PIPELINE)
  writeFileSync(join(cwd, 'p/orders.test.yaml'), `environment: { LOW: "20" }\ncases:\n${cases}`)
  return cwd
}

const BUCKETS = `
  - name: purchases fall into their buckets, and what is broken is a dead letter
    input:
      log:
        - { event: purchase, price: 5 }
        - { event: view, price: 5 }
        - $raw: '{broken'
        - { event: purchase, price: 50 }
    expect:
      out:
        - { event: purchase, price: 5, bucket: low }
        - { event: purchase, price: 50, bucket: high }
      purchases: { count: 2, assert: $sum(price) = 55 }
      dead_letters: [{ code: SR_JSON_INVALID }]
`

describe('streamrun test', () => {
  it('says what passed, ends with 0, and leaves nothing behind', async () => {
    const cwd = folderWith(BUCKETS)
    const before = filesIn(join(cwd, 'p'))
    const { code, stdout, stderr } = await streamrun(['test', 'p/orders.yaml'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^p\/orders\.test\.yaml\n {2}ok {4}purchases fall .*\n1 passed, 0 failed \(.* s\)\n$/)
    expect(filesIn(join(cwd, 'p'))).toEqual(before)
    expect(filesIn(cwd)).not.toHaveProperty('.streamrun')
  })

  it('shows the key that a sink gives to a record, and what it refuses for want of one', async () => {
    const cwd = workFolder()
    writeFileSync(
      join(cwd, 'p.yaml'),
      `connections: { k: { type: kafka, brokers: embedded } }
sources: { log: { type: file-tail, path: in.ndjson } }
sinks: { topic: { type: kafka, topic: events, key: user } }
`,
    )
    writeFileSync(
      join(cwd, 'p.test.yaml'),
      `cases:
  - name: the key is the user
    input: { log: [{ user: u1 }, { $key: old, $value: { user: 7 } }, { nobody: true }] }
    expect:
      topic: [{ $key: u1, $value: { user: u1 } }, { $key: "7" }]
      dead_letters: [{ code: SR_EXPRESSION_EMPTY, component: topic }]
  - name: another key is told
    input: { log: [{ user: u1 }] }
    expect: { topic: [{ $key: u2 }] }
`,
    )
    const { code, stdout } = await streamrun(['test', 'p.yaml'], { cwd })
    expect(code).toBe(65)
    expect(stdout).toContain('ok    the key is the user')
    expect(stdout).toMatch(/\$key.*u2[\s\S]*u1/)
  })

  it('shows expressions the time of the case, not that of the machine', async () => {
    const cwd = workFolder()
    writeFileSync(
      join(cwd, 'p.yaml'),
      `sources:
  log: { type: file-tail, path: in.ndjson }
processors:
  stamp: { type: jsonata, set: { at: $now(), day: '$substring($now(), 0, 10)' } }
sinks:
  out: { type: file, path: out.ndjson }
tests:
  - name: stamps
    input: { log: [{ n: 1 }] }
    expect: { out: [{ n: 1, at: "2026-01-01T00:00:00.000Z", day: "2026-01-01" }] }
`,
    )
    const { code, stdout } = await streamrun(['test', 'p.yaml'], { cwd })
    expect(stdout).toContain('1 passed, 0 failed')
    expect(code).toBe(0)
  })

  it('shows field by field what is not as expected, where it stands, and ends with 65', async () => {
    const cwd = folderWith(`
  - name: wrong
    input: { log: [{ event: purchase, price: 5 }, { event: purchase }] }
    expect:
      out:
        - { event: purchase, price: 6, bucket: low }
        - { event: purchase, bucket: unpriced }
        - { event: purchase, bucket: more }
`)
    const { code, stdout } = await streamrun(['test', 'p/orders.test.yaml'], { cwd })
    expect(code).toBe(65)
    expect(stdout).toBe(`p/orders.test.yaml
  FAIL  wrong
        p/orders.test.yaml:7:7 out: 3 records expected, 2 came
          ~ record 1 is not as expected
              - price: 6
              + price: 5
          - missing    {"event":"purchase","bucket":"more"}
${stdout.split('\n').at(-2)}
`)
    expect(stdout).toContain('0 passed, 1 failed')
  })

  it('goes through steps: what comes after a restart is read once, and each expect sees what is new', async () => {
    const cwd = folderWith(`
  - name: steps
    steps:
      - input: { log: [{ event: purchase, price: 1 }] }
      - expect: { out: { count: 1 } }
      - restart: true
      - advance: 1d
      - input: { log: [{ event: purchase, price: 2 }] }
      - expect: { out: [{ event: purchase, price: 2, bucket: low }] }
      - end: true
      - expect: { out: [] }
`)
    const { code, stdout } = await streamrun(['test', 'p/orders.yaml'], { cwd })
    expect(stdout).toContain('1 passed, 0 failed')
    expect(code).toBe(0)
  })

  it('runs each file once, whether it is named itself or by its pipeline, and says which pipeline has none', async () => {
    const cwd = folderWith(BUCKETS)
    writeFileSync(join(cwd, 'p/other.yaml'), PIPELINE.replace('name: orders', 'name: other'))
    const files = ['p/orders.test.yaml', 'p/orders.yaml', 'p/other.yaml']
    const { code, stdout } = await streamrun(['test', ...files], { cwd })
    expect(stdout.match(/purchases fall/g)).toHaveLength(1)
    expect(stdout).toContain('p/other.yaml: no tests\n')
    expect(code).toBe(0)
  })

  it('runs the tests that stand in the pipeline itself', async () => {
    const cwd = workFolder()
    const tests = '  - name: inside\n    environment: { LOW: "3" }\n    input: { log: [] }\n    expect: { out: [] }\n'
    writeFileSync(join(cwd, 'inline.yaml'), `${PIPELINE}tests:\n${tests}`)
    const { code, stdout } = await streamrun(['test', 'inline.yaml'], { cwd })
    expect(stdout).toContain('ok    inside')
    expect(code).toBe(0)
    expect((await streamrun(['validate', 'inline.yaml'], { cwd, env: { LOW: '1' } })).code).toBe(0)
  })

  it('points at everything that a file gets wrong in one run, with what was meant, and ends with 78', async () => {
    const cwd = folderWith(`
  - name: wrong names
    steps:
      - input: { logs: [1] }
      - advance: 5 minutes
      - expect: { outt: [], bucket: { cuont: 1 }, purchases: { assert: $sum(price == 3 } }
`)
    const { code, stderr } = await streamrun(['test', 'p/orders.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toContain('SR_TEST_CASE p/orders.test.yaml:6:18 there is no source "logs" in the pipeline')
    expect(stderr).toContain('p/orders.test.yaml:7:18')
    expect(stderr).toContain('did you mean "out"?')
    expect(stderr).toContain('did you mean "count"?')
    expect(stderr).toMatch(/^SR_EXPRESSION_SYNTAX p\/orders\.test\.yaml:8:84 .*\n.*\n.*JSONata compares with one "="/m)
    expect(stderr).toContain('5 faults')
  })

  it('shows what is wrong with the pipeline beside what is wrong with its tests, each once', async () => {
    const cwd = workFolder()
    const tests = '  - { name: one, steps: [{ advance: soon }, { expect: { outt: [] } }] }\n'
    writeFileSync(join(cwd, 'p.yaml'), `${PIPELINE.replace('type: filter', 'type: fliter')}tests:\n${tests}`)
    const { code, stderr } = await streamrun(['test', 'p.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toContain('did you mean "filter"?')
    expect(stderr).toContain('tests[0].steps[0].advance')
    expect(stderr).toContain('2 faults')
  })

  it.each([
    [
      'an expression that names what there is not',
      'expect: { out: { assert: [$count($), $summ(price)] } }',
      ['SR_EXPRESSION_NAME p/orders.test.yaml:4:42'],
    ],
    [
      'a case that expects nothing',
      'input: { log: [] }',
      ['SR_TEST_CASE p/orders.test.yaml:3:11 cases[0].name: the case expects nothing'],
    ],
    [
      'a start that is no time',
      'start: soon\n    expect: { out: [] }',
      ['p/orders.test.yaml:4:12 cases[0].start: "soon" is no time'],
    ],
    ['a misspelt `expect`', 'exepct: { out: [] }', ['cases[0].exepct: unknown key']],
    [
      'a misspelt step',
      'steps: [{ input: { log: [] } }, { exepct: { out: [] } }]',
      ['cases[0].steps[1].exepct: unknown key'],
    ],
    ['steps that are no list', 'steps: 5', ['cases[0].steps: must be a list']],
    ['an empty step', 'steps: [{ expect: { out: [] } }, {}]', ['cases[0].steps[1]: a step is one thing']],
    ['steps that expect nothing', 'steps: [{ end: true }]', ['the case expects nothing']],
    [
      '`restart: false`',
      'steps: [{ restart: false }, { expect: { out: [] } }]',
      ['SR_BAD_VALUE p/orders.test.yaml:4:24 cases[0].steps[0].restart: can only be true'],
    ],
    [
      '`end: false`',
      'steps: [{ end: false }, { input: { log: [] } }, { expect: { out: [] } }]',
      [
        'SR_BAD_VALUE p/orders.test.yaml:4:20 cases[0].steps[0].end: can only be true',
        'SR_TEST_CASE p/orders.test.yaml:4:29 cases[0].steps[1]: `input` comes after the end',
      ],
    ],
    [
      'a step behind the end',
      'steps: [{ end: true }, { advance: 1m }, { expect: { out: [] } }]',
      ['SR_TEST_CASE p/orders.test.yaml:4:28 cases[0].steps[1]: `advance` comes after the end'],
    ],
    [
      'a step of two things',
      'steps: [{ input: { log: [] }, end: true }, { expect: { out: [] } }]',
      ['SR_TEST_CASE p/orders.test.yaml:4:13 cases[0].steps[0]: a step is one thing'],
    ],
    [
      'a broken file of what is expected',
      'expect: { out: { file: expected.ndjson } }',
      ['SR_TEST_CASE p/orders.test.yaml:4:28 cases[0].expect.out.file: expected.ndjson:2 is no JSON'],
    ],
  ])('refuses %s, at its place and before anything runs', async (_, content, faults) => {
    const cwd = folderWith(`  - name: wrong\n    ${content}\n`)
    writeFileSync(join(cwd, 'p/expected.ndjson'), '{"a":1}\nbroken\n')
    const { code, stdout, stderr } = await streamrun(['test', 'p/orders.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stdout).toMatch(/^0 passed, 0 failed/)
    for (const fault of faults) expect(stderr).toContain(fault)
    expect(stderr).toContain(`\n${faults.length} fault`)
  })

  it('starts again behind the end of input, and reads what comes then', async () => {
    const cwd = folderWith(`
  - name: two runs
    steps:
      - input: { log: [{ event: purchase, price: 1 }] }
      - end: true
      - expect: { out: { count: 1 } }
      - restart: true
      - input: { log: [{ event: purchase, price: 2 }] }
      - end: true
      - expect: { out: [{ event: purchase, price: 2, bucket: low }] }
`)
    const { code, stdout } = await streamrun(['test', 'p/orders.yaml'], { cwd })
    expect(stdout).toContain('1 passed, 0 failed')
    expect(code).toBe(0)
  })

  it('knows in `assert` the functions that pipelines know', async () => {
    const cwd = folderWith(`  - name: median
    input: { log: [{ event: purchase, price: 5 }, { event: purchase, price: 5 }] }
    expect: { out: { assert: $median(price) = 5 } }
`)
    expect((await streamrun(['test', 'p/orders.yaml'], { cwd })).stdout).toContain('1 passed')
  })

  it('gives the first records that a generator makes itself, at their times, and what it could not make', async () => {
    const cwd = workFolder()
    writeFileSync(
      join(cwd, 'p.yaml'),
      `sources:
  made: { type: faker, seed: 1, count: 3, rate: 2, fields: { n: { sequence: { start: 1 } }, at: { now: iso } } }
  cut: { type: faker, seed: 1, fields: { n: { sequence: { start: 1 } }, x: { expression: '$number("x" & n)' } } }
sinks:
  out: { type: file, from: made, path: out.ndjson }
  rest: { type: file, from: cut, path: rest.ndjson }
tests:
  - name: some
    steps:
      - input: { made: { first: 2 }, cut: { first: 2 } }
      - expect:
          out: [{ $at: 0s, $value: { n: 1, at: "2026-01-01T00:00:00.000Z" } }, { $at: 500ms }]
          rest: []
          dead_letters: [{ component: cut, code: SR_EXPRESSION_FAILED }, { component: cut }]
  - name: all there are
    input: { made: { first: 10 } }
    expect: { out: { count: 3 } }
`,
    )
    const { code, stdout, stderr } = await streamrun(['test', 'p.yaml'], { cwd })
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('2 passed, 0 failed'),
    })
  })

  it('takes a pipeline that is no YAML for wrong, not for one without tests', async () => {
    const cwd = workFolder()
    writeFileSync(join(cwd, 'p.yaml'), 'sources: { a: [')
    const { code, stderr } = await streamrun(['test', 'p.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toContain('SR_YAML_SYNTAX p.yaml')
  })

  it.each([[[]], [['.']], [['p', 'own']]])(
    'finds test files and pipelines with tests of their own below a folder, and looks at no other YAML: %j',
    async (named) => {
      const cwd = folderWith(BUCKETS)
      for (const folder of ['own', 'own/.hidden', 'own/node_modules']) {
        mkdirSync(join(cwd, folder))
        const tests = `tests:\n  - { name: in ${folder}, environment: { LOW: "3" }, expect: { out: [] } }\n`
        writeFileSync(join(cwd, folder, 'inline.yml'), `${PIPELINE}${tests}`)
      }
      writeFileSync(join(cwd, 'own/other.yaml'), 'tests:\n  - run: make\n')
      writeFileSync(join(cwd, 'own/broken.yaml'), 'a: {')
      writeFileSync(join(cwd, 'own/without.yaml'), PIPELINE)
      const { code, stdout, stderr } = await streamrun(['test', ...named], { cwd })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.match(/^\S+\.ya?ml.*|^ {2}ok.*/gm)?.toSorted()).toEqual([
        '  ok    in own',
        '  ok    purchases fall into their buckets, and what is broken is a dead letter',
        'own/inline.yml',
        'p/orders.test.yaml',
      ])
    },
  )

  it('says so when there are no tests', async () => {
    const { stderr } = await streamrun(['test'], { cwd: workFolder() })
    expect(stderr).toBe('there are no tests below .: name pipelines or test files\n')
  })

  it('writes what came out into the file with --update, and leaves the rest as it is', async () => {
    const cwd = folderWith(`
  # a comment
  - name: wrong
    input: { log: [{ event: purchase, price: 5 }] } # kept
    expect:
      out:
        - { event: purchase, price: 6 } # goes with its record
      purchases: { count: 1 }
`)
    await streamrun(['test', 'p/orders.yaml', '--update'], { cwd })
    const text = readFileSync(join(cwd, 'p/orders.test.yaml'), 'utf8')
    expect(text).toContain('# a comment')
    expect(text).toContain('# kept')
    expect(text).toContain('- { event: purchase, price: 5, bucket: low }')
    expect((await streamrun(['test', 'p/orders.yaml'], { cwd })).code).toBe(0)
  })

  it('writes what came out with --update into a file of what was expected, but for one that has another use', async () => {
    const cwd = folderWith(`
  - name: own
    input: { log: { file: in.ndjson } }
    expect: { out: { file: out.ndjson }, purchases: { file: in.ndjson }, bucket: { file: part.ndjson, partial: true } }
`)
    const given = '{"event":"purchase","price":5}\n{"event":"view"}\n'
    writeFileSync(join(cwd, 'p/in.ndjson'), given)
    writeFileSync(join(cwd, 'p/out.ndjson'), '{"event":"purchase"}\n{"more":1}\n')
    writeFileSync(join(cwd, 'p/part.ndjson'), '{"price":6}\n')
    const before = readFileSync(join(cwd, 'p/orders.test.yaml'), 'utf8')
    const { stdout } = await streamrun(['test', 'p/orders.yaml', '--update'], { cwd })
    expect(stdout).toContain('1 expectations updated, 2 left to you')
    expect(readFileSync(join(cwd, 'p/out.ndjson'), 'utf8')).toBe('{"event":"purchase","price":5,"bucket":"low"}\n')
    expect(readFileSync(join(cwd, 'p/in.ndjson'), 'utf8')).toBe(given)
    expect(readFileSync(join(cwd, 'p/part.ndjson'), 'utf8')).toBe('{"price":6}\n')
    expect(readFileSync(join(cwd, 'p/orders.test.yaml'), 'utf8')).toBe(before)
  })

  it('ends with 73 and names the file when the results cannot be written', async () => {
    const cwd = folderWith(BUCKETS)
    const { code, stderr } = await streamrun(['test', 'p/orders.yaml', '--junit', 'nodir/r.xml'], { cwd })
    expect(code).toBe(73)
    expect(stderr).toMatch(/^SR_OUTPUT_CREATE nodir\/r\.xml cannot be written: .*\n$/)
  })

  it('writes JUnit XML for build servers', async () => {
    const cwd = folderWith(BUCKETS.replace('purchases fall', 'a < b & "c"'))
    await streamrun(['test', 'p/orders.yaml', '--junit', 'results.xml'], { cwd })
    const xml = readFileSync(join(cwd, 'results.xml'), 'utf8')
    expect(xml).toContain('<testsuite name="p/orders.test.yaml" tests="1" failures="0"')
    expect(xml).toContain('name="a &#60; b &#38; &#34;c&#34; into')
  })

  it('runs them again with --watch when the file is saved', async () => {
    const cwd = folderWith(BUCKETS)
    const { child, ended } = startStreamrun(['test', 'p/orders.yaml', '--watch'], { cwd })
    let seen = ''
    child.stdout?.on('data', (data) => {
      seen += data
    })
    await until(() => seen.includes('watching'))
    writeFileSync(join(cwd, 'p/orders.test.yaml'), `environment: { LOW: "1" }\ncases:\n${BUCKETS}`)
    await until(() => seen.includes('0 passed, 1 failed'))
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })
})
