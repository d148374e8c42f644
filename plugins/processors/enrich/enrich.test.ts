import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskStorage } from '../../../engine/storage.ts'
import { faultsOf, openTimed, processorContext } from '../../../test/contract/index.ts'
import enrich from './index.ts'

const CSV = 'id,name,country\nu1,Ada,DE\nu2,"Bo, jr",FR\n'

function tableOf(text: string, name = 'users.csv'): { folder: string; options: { [name: string]: string } } {
  const folder = mkdtempSync(join(tmpdir(), 'enrich-'))
  writeFileSync(join(folder, name), text)
  return { folder, options: { table: name, key: 'id', by: 'user_id', as: 'user' } }
}

async function opened(text: string, more: { [name: string]: string | string[] } = {}, name = 'users.csv') {
  const { folder, options } = tableOf(text, name)
  const context = processorContext({ definitionFolder: folder })
  const timed = await openTimed(enrich, { options: { ...options, ...more }, context })
  return { folder, context, timed }
}

const visit = (user_id: unknown) => ({ at: 0, value: { user_id: user_id as string } })

describe('enrich', () => {
  it.each([
    ['users.csv', CSV],
    ['users.ndjson', '{"id":"u1","name":"Ada","country":"DE"}\n{"id":"u2","name":"Bo, jr","country":"FR"}\n'],
    ['users.json', '[{"id":"u1","name":"Ada","country":"DE"},{"id":"u2","name":"Bo, jr","country":"FR"}]'],
  ])('puts the row of %s into the record', async (name, text) => {
    const { timed } = await opened(text, {}, name)
    await timed.feed(visit('u2'))
    expect(timed.values).toEqual([{ user_id: 'u2', user: { id: 'u2', name: 'Bo, jr', country: 'FR' } }])
  })

  it('takes only the fields that are wanted, and puts them where they are wanted', async () => {
    const { timed } = await opened(CSV, { fields: ['name'], as: 'a.b' })
    await timed.feed(visit('u1'))
    expect(timed.values).toEqual([{ user_id: 'u1', a: { b: { name: 'Ada' } } }])
  })

  it('does with a record that has no row, or no key, what `missing` says, and counts it', async () => {
    const pass = await opened(CSV)
    await pass.timed.feed(visit('u9'), visit(undefined))
    expect(pass.timed.values).toEqual([{ user_id: 'u9' }, {}])
    expect(pass.context.recorded.counts.get('missing')).toBe(2)
    const drop = await opened(CSV, { missing: 'drop' })
    await drop.timed.feed(visit('u9'), visit('u1'))
    expect(drop.timed.emitted).toHaveLength(1)
    expect(drop.context.recorded.counts.get('dropped')).toBe(1)
    const fail = await opened(CSV, { missing: 'fail' })
    await fail.timed.feed(visit('constructor'))
    expect(fail.timed.failed.map(({ error }) => error.code)).toEqual(['SR_NO_ROW'])
  })

  it('takes a table that has changed at the next look, and keeps the last good one when the new one is wrong', async () => {
    const { timed, folder, context } = await opened(CSV, { reload: '10s' })
    writeFileSync(join(folder, 'new'), 'id,name\nu1,Eva\n')
    renameSync(join(folder, 'new'), join(folder, 'users.csv'))
    await timed.feed(visit('u1'))
    await timed.advance(10_000)
    await timed.feed(visit('u1'))
    writeFileSync(join(folder, 'users.csv'), 'id,name\nu1,Eva\nu1,Eva again\n')
    await timed.advance(10_000)
    await timed.feed(visit('u1'))
    const names = timed.values.map((value) => (value as { user: { name: string } }).user.name)
    expect(names).toEqual(['Ada', 'Eva', 'Eva'])
    expect(context.recorded.health.at(-1)).toContain('the last good one stays')
  })

  it('is a fault of the definition when the table is not there, is none, or has no such field', async () => {
    const { folder, options } = tableOf(CSV)
    const context = { storage: diskStorage(), definitionFolder: folder }
    const codes = async (more: { [name: string]: string | string[] }) =>
      (await faultsOf(enrich, { ...options, ...more }, context)).map(({ path, code }) => [path, code])
    expect(await codes({})).toEqual([])
    expect(await codes({ table: 'nowhere.csv' })).toEqual([[['table'], 'SR_FILE_REFERENCE']])
    expect(await codes({ key: 'ID' })).toEqual([[['table'], 'SR_TABLE_INVALID']])
    expect(await codes({ fields: ['name', 'nmae'] })).toEqual([[['fields', 1], 'SR_BAD_VALUE']])
    expect(await codes({ as: 'a..b' })).toEqual([[['as'], 'SR_BAD_VALUE']])
  })
})
