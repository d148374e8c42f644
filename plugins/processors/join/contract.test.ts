import { describeProcessor } from '../../../test/contract/index.ts'
import join from './index.ts'

const values = [{ t: 'o', id: 1 }, { t: 'p', id: 1 }, { t: 'p', id: 2 }, {}, { t: 'o', id: 2 }]
for (const kind of ['inner', 'outer']) {
  const options = { left: 't = "o"', by: 'id', within: '1h', kind }
  describeProcessor(`join, ${kind}`, { plugin: join, options, values, gathers: true })
}
