import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeProcessor } from '../../../test/contract/index.ts'
import enrich from './index.ts'

const table = join(mkdtempSync(join(tmpdir(), 'enrich-')), 'users.csv')
writeFileSync(table, 'id,name\n1,Ada\n2,Bo\n')
const values = [{ user: 1 }, { user: 2 }, { user: 3 }, {}, { user: { id: 1 } }]

for (const missing of ['pass', 'drop', 'fail']) {
  const options = { table, key: 'id', by: 'user', as: 'row', missing }
  describeProcessor(`enrich, missing: ${missing}`, { plugin: enrich, options, values })
}
