import { expect, it } from 'vitest'
import { runProcessor } from '../../../test/contract/run-processor.ts'
import filter from './index.ts'

it('keeps what $boolean calls true, in order, and counts what it drops once for a batch', async () => {
  const values = [{ v: 1 }, { v: 0 }, { v: 'x' }, { v: '' }, {}, { v: null }, { v: [0] }, { v: [0, 2] }, { v: {} }]
  const run = await runProcessor(filter, { where: 'v' }, values)
  expect(run.values).toEqual([{ v: 1 }, { v: 'x' }, { v: [0, 2] }])
  expect(run.counts).toEqual([['dropped', 6]])
})

it('gives the same with the interpreter', async () => {
  const values = Array.from({ length: 50 }, (_, n) => ({ n }))
  const run = await runProcessor(filter, { where: 'n % 2 = 0 and n > 10' }, values)
  expect(run.values).toEqual(values.filter(({ n }) => n % 2 === 0 && n > 10))
  expect(run.counts).toEqual([['dropped', 50 - run.values.length]])
})

it('does not wait where it need not', async () => {
  expect((await runProcessor(filter, { where: 'v' }, [{ v: 1 }])).waited).toBe(false)
  expect((await runProcessor(filter, { where: '[$x := v][0]' }, [{ v: 1 }])).waited).toBe(true)
})

it('hands on the very records that came in, with their bytes', async () => {
  const run = await runProcessor(filter, { where: '$exists(v)' }, [{ v: 1.1 }])
  expect(run.emitted).toEqual(run.records)
  expect(run.emitted[0]).toBe(run.records[0])
})

it('fails the one record that the condition cannot judge, and goes on', async () => {
  const run = await runProcessor(filter, { where: 'price > 5' }, [
    { price: 6 },
    { price: [] },
    { price: '7' },
    { price: 8 },
  ])
  expect(run.values).toEqual([{ price: 6 }, { price: 8 }])
  expect(run.failed.map(({ code }) => code)).toEqual(['SR_EXPRESSION_FAILED', 'SR_EXPRESSION_FAILED'])
  expect(run.counts).toEqual([])
})
