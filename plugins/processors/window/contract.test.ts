import { describeProcessor } from '../../../test/contract/index.ts'
import window from './index.ts'

const values = [{ price: 1, user: 'a' }, { price: 2.5, user: 'b', kind: 'x' }, { price: 'dear' }, { user: null }]

describeProcessor('window', {
  plugin: window,
  options: { every: '1ms', by: '$string($key)', aggregate: { n: '$count($)', sum: '$sum(price)' } },
  values,
  gathers: true,
})
describeProcessor('window that gives a result with each record', {
  plugin: window,
  options: {
    every: '10s',
    slide: '4s',
    emit: { on: 'change' },
    aggregate: { n: '$count($)', mean: '$sum(price) / $count($)', all: '$join(user, ",")' },
  },
  values,
  gathers: true,
})
