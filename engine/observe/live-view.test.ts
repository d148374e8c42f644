import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { widthOf } from '../visible.ts'
import { liveView } from './live-view.ts'
import type { ComponentStatus, PipelineStatus } from './status.ts'

const WIDE = { columns: 80, rows: 24, colours: false }

const flow = (total: number, rate: number) => ({ total, rate })

function component(name: string, more: Partial<ComponentStatus> = {}): ComponentStatus {
  const nothing = { in: undefined, out: undefined, progress: undefined, left: undefined, degraded: undefined }
  return { name, ...nothing, waiting: 0, failed: 0, dropped: 0, retries: 0, ...more }
}

function pipeline(name: string, more: Partial<PipelineStatus> = {}): PipelineStatus {
  const components = [component('in', { in: flow(12, 3) }), component('out', { out: flow(12, 3) })]
  const facts = { stopping: false, elapsed: 4000, read: flow(12, 3), rejected: 0, checkpointAge: undefined }
  return { name, ...facts, components, waiting: new Map(), ...more }
}

const ORDERS = pipeline('orders', {
  elapsed: 83_000,
  read: flow(1_234_567, 45_678.4),
  rejected: 5,
  checkpointAge: 400,
  components: [
    component('shop-log', { in: flow(1_234_567, 45_678.4), progress: 0.426, left: 112_000 }),
    component('buffer', { in: flow(1_234_567, 45_678), out: flow(1_230_000, 45_600), waiting: 4567, dropped: 12 }),
    component('purchases', { in: flow(1_230_000, 45_600), out: flow(12_300, 456), failed: 5 }),
    component('service', { out: flow(1200, 0.25), retries: 3, degraded: 'connection refused' }),
    component('files', { out: flow(12_300, 0), retries: 1 }),
  ],
})

describe('the live view', () => {
  it('shows how far time has come where that matters', () => {
    const headOf = (watermark: number | undefined, lag: number | undefined) =>
      liveView([pipeline('p', { eventTime: { watermark, lag, heldBy: 'in' } })], WIDE)[1]
    expect(headOf(Date.UTC(2026, 0, 1), 3200)).toBe('p  4.0 s  12 read  3.0/s  watermark 3.2 s behind')
    expect(headOf(Date.UTC(2026, 0, 1), -3200)).toBe('p  4.0 s  12 read  3.0/s  watermark 3.2 s ahead')
    expect(headOf(Date.UTC(2020, 0, 1), 1e11)).toBe('p  4.0 s  12 read  3.0/s  watermark 2020-01-01 00:00:00')
    expect(headOf(undefined, undefined)).toBe('p  4.0 s  12 read  3.0/s  no watermark yet')
  })

  it('shows what comes in, what goes out, what waits and why', () => {
    expect(liveView([ORDERS], WIDE)).toEqual([
      '                 in/s     out/s       total   waiting  failed',
      'orders  1:23  1,234,567 read  45,678/s  5 failed  checkpoint 0.4 s ago',
      '  shop-log     45,678             1,234,567                    42 %, 1:52 left',
      '  buffer       45,678    45,600   1,230,000     4,567          12 dropped',
      '  purchases    45,600       456      12,300                 5',
      '  service                   0.3       1,200',
      '    waiting: connection refused (3 retries)',
      '  files                       0      12,300                    1 retry',
    ])
  })

  it('does without columns where the terminal is narrow', () => {
    expect(liveView([ORDERS], { ...WIDE, columns: 42 })).toEqual([
      '                per s   waiting  failed',
      'orders  1:23  1,234,567 read  45,678/s  5…',
      '  shop-log     45,678',
      '  buffer       45,600     4,567',
      '  purchases       456                 5',
      '  service         0.3',
      '    waiting: connection refused (3 retrie…',
      '  files             0',
    ])
    expect(liveView([ORDERS], { ...WIDE, columns: 71 })).toContain(
      '  shop-log     45,678             1,234,567                    42 %',
    )
    expect(liveView([ORDERS], { ...WIDE, columns: 24 })).toContain('  buffer       45,600')
    expect(liveView([ORDERS], { ...WIDE, columns: 12 })).toContain('  purchases')
  })

  it('gives each pipeline its share of a low terminal, and says what it leaves out', () => {
    expect(liveView([ORDERS, pipeline('other')], { ...WIDE, rows: 10 })).toEqual([
      '                 in/s     out/s       total   waiting  failed',
      'orders  1:23  1,234,567 read  45,678/s  5 failed  checkpoint 0.4 s ago',
      '  shop-log     45,678             1,234,567                    42 %, 1:52 left',
      '  … 5 more',
      'other  4.0 s  12 read  3.0/s',
      '  in              3.0                    12',
      '  out                       3.0          12',
    ])
  })

  it('shows that a pipeline is stopping, and what waits without being a component', () => {
    const stopping = pipeline('copy', { stopping: true, waiting: new Map([['checkpoint', 'disk full']]) })
    const [, head, ...rows] = liveView([stopping], WIDE)
    expect(head).toBe('copy  stopping  4.0 s  12 read  3.0/s')
    expect(rows.slice(-2)).toEqual(['  checkpoint', '    waiting: disk full'])
  })

  it('colours what matters where colours are allowed, with the same text', () => {
    const coloured = liveView([ORDERS], { ...WIDE, colours: true })
    expect(coloured[6]).toBe('\u001b[33m    waiting: connection refused (3 retries)\u001b[0m')
    expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(liveView([ORDERS], WIDE))
  })

  it('fits every terminal, and nothing in it can control one (CF-13)', () => {
    const text = fc.string({ unit: 'binary' })
    const named = fc.record({ name: text, reason: text, count: fc.nat() }).map(({ name, reason, count }) =>
      pipeline(name, {
        read: flow(count, count),
        components: [component(name, { in: flow(count, count), waiting: count, degraded: reason })],
        waiting: new Map([[name, reason]]),
      }),
    )
    const size = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) })
    const property = fc.property(fc.array(named, { maxLength: 5 }), size, (pipelines, { columns, rows }) => {
      const lines = liveView(pipelines, { columns, rows, colours: false })
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
      expect(lines.filter((line) => widthOf(line) > columns || /\p{Cc}/u.test(line))).toEqual([])
    })
    fc.assert(property)
  })

  it('is nothing where nothing runs', () => {
    expect(liveView([], WIDE)).toEqual([])
  })
})
