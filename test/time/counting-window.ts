import {
  defineProcessor,
  type KeyedState,
  makeRecord,
  type Output,
  option,
  type Processed,
  type StreamRecord,
} from '../../engine/plugin.ts'

/**
 * Counts records per key and window of `size` milliseconds, key being their value's `key`: as little of a window as time
 * and state can be tried with. What is late leaves by the port `late`.
 */
export default defineProcessor({
  type: 'testing-window',
  summary: 'Counts records per window.',
  options: { size: option.duration({ description: 'How long a window is.', default: '10s' }) },
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check: ({ size }) => ({ identity: { size } }),
  open({ size }, context) {
    const open: KeyedState<number> = context.state('open')
    const ends = new Map<number, string[]>()
    for (const [name] of open.entries()) note(name)

    function note(name: string): void {
      const end = Number(name.slice(0, name.indexOf(' '))) + size
      ends.set(end, [...(ends.get(end) ?? []), name])
    }

    /** Says whether more is due. */
    function closeUntil(watermark: number, out: Output): boolean {
      for (const end of [...ends.keys()].sort((a, b) => a - b)) {
        if (end > watermark) return false
        for (const name of (ends.get(end) ?? []).toSorted()) {
          if (out.full) return true
          const count = open.get(name)
          if (count === undefined) continue
          out.emit(resultOf(name, count, end, context.id))
          open.delete(name)
        }
        ends.delete(end)
      }
      return false
    }

    return {
      process(batch, out) {
        for (const record of batch.records) {
          const watermark = out.watermark(record)
          closeUntil(watermark, out)
          const start = Math.floor(record.timestamp / size) * size
          if (start + size <= watermark) out.emit(record, 'late')
          else {
            const name = `${start} ${keyOf(record)}`
            if (open.get(name) === undefined) note(name)
            open.set(name, (open.get(name) ?? 0) + 1)
          }
        }
      },
      wakeAt: () => (ends.size === 0 ? undefined : { event: Math.min(...ends.keys()) }),
      wake(time, out): Processed {
        if (time.kind === 'event' && closeUntil(time.watermark, out)) return 'more'
        return undefined
      },
      delay: size,
    }
  },
})

function resultOf(name: string, count: number, end: number, component: string): StreamRecord {
  const [start, key = ''] = name.split(' ')
  const value = { at: new Date(Number(start)).toISOString().slice(11, 19), key, count }
  return makeRecord({ value, timestamp: end - 1, origin: { component, partition: '0', position: null } })
}

function keyOf({ value }: StreamRecord): string {
  const { key } = value as { readonly key?: string }
  return key ?? 'all'
}
