import { describeProcessor } from '../../../test/contract/index.ts'
import route from './index.ts'

const values = [{ region: 'EU' }, { region: 'US', big: true }, { region: 7 }, {}, { big: true }]

describeProcessor('route', {
  plugin: route,
  options: { cases: { eu: 'region = "EU"', big: 'big' } },
  values,
})

describeProcessor('route with a port for the rest', {
  plugin: route,
  options: { cases: { big: 'big' }, otherwise: 'other' },
  values,
})

describeProcessor('route that drops the rest', {
  plugin: route,
  options: { cases: { late: '$number(region) > 5', big: 'big' }, otherwise: 'drop' },
  values,
})
