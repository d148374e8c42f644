import { expect, test } from 'vitest'
import { type FaultLog, faultLog, renderFault } from './faults.ts'

function rendered(text: string, at: string, prepare: (log: FaultLog) => void = () => {}): string {
  const log = faultLog('shop.yaml', text)
  const start = text.indexOf(at)
  prepare(log)
  log.add({
    code: 'SR_BAD_VALUE',
    at: { start, end: start + at.length },
    path: ['sinks', 'out', 'path', 1],
    message: 'wrong',
  })
  return log
    .list()
    .map((fault) => renderFault(fault, { colours: false }))
    .join('\n')
}

test('place, path, line and caret are shown', () => {
  expect(rendered('a: 1\nb: [x, here]\n', 'here')).toBe(
    ['SR_BAD_VALUE shop.yaml:2:8 sinks.out.path[1]: wrong', '  2 | b: [x, here]', '    |        ^^^^'].join('\n'),
  )
})

test('the caret stands under its character behind tabs', () => {
  expect(rendered('\ta:\there', 'here')).toContain('  1 | \ta:\there\n    | \t  \t^^^^')
})

test('the caret does not leave the line', () => {
  expect(rendered('a: {\n b: 1 }', '{\n b: 1 }')).toContain('1 | a: {\n    |    ^')
})

test('of a long line only what is around the caret is shown', () => {
  const text = rendered(`a: ${'x'.repeat(5000)} here ${'y'.repeat(5000)}`, 'here')
  const [, source = '', caret = ''] = text.split('\n')
  expect(source.length).toBeLessThan(160)
  expect(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('here')
})

test('faults come in the order of the file, the same one once', () => {
  const log = faultLog('shop.yaml', 'a: 1\nb: 2\n')
  for (const start of [5, 0, 5])
    log.add({ code: 'SR_UNKNOWN_KEY', at: { start, end: start + 1 }, message: 'unknown key' })
  expect(log.list().map(({ line }) => line)).toEqual([1, 2])
})

test.each([
  ['password: hunter2 and more', 'password: ****************'],
  ['x: { apiKey: "a, b}", y: 1 }', 'x: { apiKey: *******, y: 1 }'],
  ['x: { sasl_password: hunter2, y: 1 }', 'x: { sasl_password: *******, y: 1 }'],
  ["access-token: 'it''s'", 'access-token: *******'],
  ['url: https://user:pass@host/x', 'url: https://*********@host/x'],
])('%s is shown as %s', (line, shown) => {
  expect(rendered(`${line}\n`, line.slice(0, 1))).toContain(`| ${shown}\n`)
})

test('a placeholder is no secret', () => {
  const line = `password: $${'{PASSWORD}'}`
  expect(rendered(line, 'password')).toContain(line)
})

test('what came in through a placeholder is shown as the placeholder', () => {
  const log = faultLog('shop.yaml', 'a: 1')
  log.redact('canary', 'TOKEN')
  log.add({ code: 'SR_OPTION_REFUSED', at: { start: 0, end: 1 }, message: 'no canary here', hint: 'not canary' })
  expect(log.list()[0]).toMatchObject({ message: 'no TOKEN here', hint: 'not TOKEN' })
})

test('colours are used only when asked for', () => {
  const log = faultLog('shop.yaml', 'a: 1')
  log.add({ code: 'SR_UNKNOWN_KEY', at: { start: 0, end: 1 }, message: 'unknown key' })
  const [fault] = log.list()
  if (fault === undefined) throw new Error('no fault')
  expect(renderFault(fault, { colours: true })).toContain('\u001b[31mSR_UNKNOWN_KEY\u001b[39m')
  expect(renderFault(fault, { colours: false })).not.toContain('\u001b')
})
