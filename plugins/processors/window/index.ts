import { defineProcessor } from '../../../engine/plugin.ts'
import { keyParts } from '../../shared/by.ts'
import { planOf } from './aggregates/plan.ts'
import { faultsOf, identityOf, sightsOf } from './checks.ts'
import { emitOf, windowsOf } from './kinds.ts'
import { operate } from './operator.ts'
import { options } from './options.ts'
import { Ranking } from './ranking.ts'
import { Reader } from './reader.ts'
import { resultMaker } from './results.ts'
import { Rows } from './rows.ts'

export default defineProcessor({
  type: 'window',
  summary: 'Gathers records by time and key, and emits one result for each window.',
  options,
  overRecords: ['where', 'by', 'aggregate'],
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check: (given) => ({
    faults: faultsOf(given),
    sees: sightsOf(given),
    identity: identityOf(given),
  }),
  open(given, context) {
    const plan = planOf(given.aggregate)
    const by = keyParts(given.by)
    const running = plan.states.map((state) => state.create())
    const rows = new Rows(context, running, { keys: given.max_keys, bytes: given.max_state })
    return operate({
      reader: new Reader({ where: given.where, by, plan, running, context }),
      rows,
      windows: windowsOf(given, rows, context),
      lateness: given.lateness,
      resultOf: resultMaker({ plan, rows, by, saysFinal: emitOf(given) !== undefined, context }),
      ranking: given.top && new Ranking(given.top),
      having: given.having === undefined ? undefined : context.expression(given.having),
      metrics: context.metrics,
    })
  },
})
