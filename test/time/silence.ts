import { defineProcessor, type KeyedState, makeRecord, withValue } from '../../engine/plugin.ts'

/** Lets records pass, and says so when none came for 5 seconds of the wall clock, once. */
export default defineProcessor({
  type: 'testing-silence',
  summary: 'Notices that nothing comes.',
  options: {},
  open(_, { clock, state, id }) {
    const last: KeyedState<number> = state('last')
    return {
      process(batch, out) {
        for (const record of batch.records) out.emit(withValue(record, 'record'))
        last.set('at', clock.now())
      },
      wakeAt() {
        const at = last.get('at')
        return { clock: at === undefined ? undefined : at + 5000 }
      },
      wake(time, out) {
        if (time.kind === 'event') return
        last.delete('at')
        const origin = { component: id, partition: '0', position: null }
        out.emit(makeRecord({ value: 'silence', timestamp: time.now, origin }))
      },
    }
  },
})
