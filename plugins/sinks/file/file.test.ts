import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import {
  createCodec,
  framesBatch,
  type Json,
  makeRecord,
  PartialWriteError,
  recordsBatch,
  type Sink,
} from '../../../engine/plugin.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { framesOf, memoryStorage, readText, sinkContext } from '../../../test/contract/index.ts'
import file from './index.ts'
import type { FileState } from './state.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamrun-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('one file', () => {
  test('gets the bytes of records that nobody changed', async () => {
    const { sink } = await start({ path: at('out.ndjson') })
    const codec = createCodec('json')
    const frames = framesOf(['{ "price": 1.10 }', '9007199254740993'])
    await sink.write(framesBatch({ ...frames, codec, component: 'source', partition: 'list', timestamp: 0 }))
    await sink.write(batchOf({ a: 1 }))
    expect(await contentOf('out.ndjson')).toBe('{ "price": 1.10 }\n9007199254740993\n{"a":1}\n')
  })

  test('that was there before is written behind what it holds, and a crash before the first checkpoint restores it', async () => {
    await writeFile(at('out'), 'before\n')
    const first = await start({ path: at('out') })
    await first.sink.write(batchOf(1, 2))
    await first.sink.flush?.()
    expect(await contentOf('out')).toBe('before\n1\n2\n')
    await start({ path: at('out') })
    expect(await contentOf('out')).toBe('before\n')
  })

  test('that was not there before is not left behind with records that no checkpoint covers', async () => {
    const first = await start({ path: at('{a}') })
    await first.sink.write(batchOf({ a: 'x' }))
    await start({ path: at('{a}') })
    expect(await contents()).toEqual({})
  })

  test('is emptied at a first start with mode overwrite, and goes on at a restart', async () => {
    await writeFile(at('out'), 'before\n')
    const first = await start({ path: at('out'), mode: 'overwrite' })
    await first.sink.write(batchOf(1))
    const state = await first.commit()
    await first.sink.write(batchOf('lost'))
    const second = await start({ path: at('out'), mode: 'overwrite' }, state)
    await second.sink.write(batchOf(2))
    expect(await contentOf('out')).toBe('1\n2\n')
  })
})

describe('with mode overwrite, many files', () => {
  test('are emptied once each, also when they are closed and opened again', async () => {
    for (const name of ['a', 'b', 'c']) await writeFile(at(name), 'before\n')
    const { sink } = await start({ path: at('{to}'), mode: 'overwrite', max_open_files: 1 })
    for (const n of [1, 2]) await sink.write(batchOf({ to: 'a', n }, { to: 'b', n }, { to: 'new', n }))
    expect(await contents()).toEqual({
      a: '{"to":"a","n":1}\n{"to":"a","n":2}\n',
      b: '{"to":"b","n":1}\n{"to":"b","n":2}\n',
      c: 'before\n',
      new: '{"to":"new","n":1}\n{"to":"new","n":2}\n',
    })
  })
})

describe('many files', () => {
  test('200 paths through 3 open files keep every record in order, over a restart', async () => {
    const options = { path: at('{to}/x'), max_open_files: 3 }
    const records = (round: number) => Array.from({ length: 200 }, (_, n) => ({ to: `p${(n * 7) % 200}`, round }))
    const first = await start(options)
    await first.sink.write(batchOf(...records(1)))
    const state = await first.commit()
    await first.sink.write(batchOf(...records(99)))
    const second = await start(options, state)
    await second.sink.write(batchOf(...records(2)))
    await second.sink.write(batchOf(...records(3)))
    await second.commit()
    const found = await contents()
    expect(Object.keys(found).length).toBe(200)
    for (const [name, text] of Object.entries(found)) {
      const to = name.split('/')[0]
      expect(text).toBe([1, 2, 3].map((round) => `${JSON.stringify({ to, round })}\n`).join(''))
    }
  })

  test('go through fewer open files than max_open_files when the process may not have more', async () => {
    const disk = diskStorage()
    let opened = 0
    const open: typeof disk.open = async (path, mode) => {
      if (opened === 10) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
      opened += 1
      const handle = await disk.open(path, mode)
      const close = async () => {
        opened -= 1
        await handle.close()
      }
      return { ...handle, close }
    }
    const context = sinkContext({ stateFolder: at('state'), storage: { ...disk, open } })
    const sink = (await file.open(readOptions(file.options, { path: at('{to}') }), context)) as Sink<FileState>
    await sink.restore?.(undefined)
    const batch = batchOf(...Array.from({ length: 30 }, (_, n) => ({ to: `p${n}` })))
    const held = { name: 'RetryableError', message: expect.stringContaining('too many open files in this process') }
    await expect(sink.write(batch)).rejects.toMatchObject(held)
    await sink.write(batch)
    const found = await contents()
    expect(Object.keys(found).length).toBe(30)
    for (const [to, text] of Object.entries(found)) expect(text).toBe(`${JSON.stringify({ to })}\n`)
    await sink.close?.()
  })

  test('leave the state when they are closed and committed, so that it stays small', async () => {
    const run = await start({ path: at('{to}'), max_open_files: 2 })
    for (let day = 0; day < 20; day++) {
      await run.sink.write(batchOf({ to: `day-${day}` }))
      const { files } = await run.commit()
      expect(Object.keys(files).length).toBeLessThanOrEqual(4)
    }
    expect((await stat(join(run.stateFolder, 'intents'))).size).toBe(0)
  })

  test('that left the state are cut back too when they are written again', async () => {
    const options = { path: at('{to}'), max_open_files: 1 }
    const first = await start(options)
    await first.sink.write(batchOf({ to: 'old' }))
    for (const to of ['b', 'c']) {
      await first.commit()
      await first.sink.write(batchOf({ to }))
    }
    const state = await first.commit()
    expect(Object.keys(state.files).map((path) => path.slice(folder.length + 1))).not.toContain('old')
    await first.sink.write(batchOf({ to: 'old', lost: true }))
    await start(options, state)
    expect((await contents()).old).toBe('{"to":"old"}\n')
  })

  test('are left alone by intents that a state has covered since, should a power cut bring them back', async () => {
    const options = { path: at('{to}'), max_open_files: 1 }
    const first = await start(options)
    await first.sink.write(batchOf({ to: 'old' }))
    const intents = await readFile(join(first.stateFolder, 'intents'))
    await first.commit()
    await first.sink.write(batchOf({ to: 'b' }))
    await first.commit()
    const state = await first.commit()
    expect(Object.keys(state.files)).not.toContain(at('old'))
    await writeFile(join(first.stateFolder, 'intents'), intents)
    await start(options, state)
    expect((await contents()).old).toBe('{"to":"old"}\n')
  })

  test.each(['second', 'third'] as const)(
    'come back to the %s epoch when a flush was not committed yet',
    async (epoch) => {
      const options = { path: at('{to}'), max_open_files: 1 }
      const first = await start(options)
      await first.sink.write(batchOf({ to: 'old' }))
      await first.commit()
      await first.sink.write(batchOf({ to: 'b' }))
      const second = await first.commit()
      const third = (await first.sink.flush?.()) as FileState
      expect(Object.keys(second.files)).toContain(at('old'))
      expect(Object.keys(third.files)).not.toContain(at('old'))
      await first.sink.write(batchOf({ to: 'old', lost: true }, { to: 'b', lost: true }))
      if (epoch === 'third') await first.sink.commit?.(third)
      await start(options, epoch === 'third' ? third : second)
      expect(await contents()).toEqual({ old: '{"to":"old"}\n', b: '{"to":"b"}\n' })
    },
  )
})

describe('a write that fails half way', () => {
  test('leaves nothing behind in any file, and is whole when space returns (F-7, SI-04)', async () => {
    const storage = memoryStorage()
    const context = sinkContext({ storage, stateFolder: '/state' })
    const sink = await file.open(readOptions(file.options, { path: '/out/{to}' }), context)
    await sink.restore?.(undefined)
    const batch = batchOf({ to: 'a', n: 1 }, { to: 'b', n: 2 }, { to: 'c', n: 3 })
    await sink.write(batch)
    storage.failNext('write', 'ENOSPC', 3)
    await expect(sink.write(batch)).rejects.toMatchObject({ name: 'RetryableError', message: 'disk full' })
    for (const name of ['a', 'b', 'c']) expect((await readText(storage, `/out/${name}`))?.split('\n').length).toBe(2)
    await sink.write(batch)
    expect(await readText(storage, '/out/b')).toBe('{"to":"b","n":2}\n{"to":"b","n":2}\n')
  })

  test('leaves nothing behind in files that were closed since, within the call', async () => {
    const storage = memoryStorage()
    const context = sinkContext({ storage, stateFolder: '/state' })
    const sink = await file.open(readOptions(file.options, { path: '/out/{to}', max_open_files: 1 }), context)
    await sink.restore?.(undefined)
    // Each path writes an intent and then itself: the sixth write is that of the third path.
    storage.failNext('write', 'ENOSPC', 6)
    const batch = batchOf({ to: 'a' }, { to: 'b' }, { to: 'c' })
    await expect(sink.write(batch)).rejects.toMatchObject({ message: 'disk full' })
    for (const name of ['a', 'b', 'c']) expect(await readText(storage, `/out/${name}`)).toBe('')
    await sink.write(batch)
    for (const to of ['a', 'b', 'c']) expect(await readText(storage, `/out/${to}`)).toBe(`${JSON.stringify({ to })}\n`)
  })
})

describe('an output that somebody else changed stops the pipeline (SI-06)', () => {
  const changes: [string, (path: string) => Promise<unknown>][] = [
    ['removed', (path) => rm(path)],
    ['cut', (path) => truncate(path, 1)],
    ['replaced', (path) => writeFile(`${path}.new`, '1\n2\n3\n').then(() => rename(`${path}.new`, path))],
  ]
  test.each(changes)('%s while it runs', async (_, change) => {
    const { sink } = await start({ path: at('out') })
    await sink.write(batchOf(1, 2))
    await change(at('out'))
    await expect(sink.flush?.()).rejects.toMatchObject({ code: 'SR_SINK_CHANGED' })
  })

  test.each([
    ['cut', (path: string) => truncate(path, 1), '1'],
    ['written to', (path: string) => appendFile(path, 'foreign\n'), '1\n2\nforeign\n'],
  ])('%s while it runs, and not written over', async (_, change, left) => {
    const { sink } = await start({ path: at('out') })
    await sink.write(batchOf(1, 2))
    await change(at('out'))
    await expect(sink.write(batchOf(3))).rejects.toMatchObject({ code: 'SR_SINK_CHANGED' })
    expect(await contentOf('out')).toBe(left)
  })

  test.each(changes)('%s while it does not run', async (_, change) => {
    const first = await start({ path: at('out') })
    await first.sink.write(batchOf(1, 2))
    const state = await first.commit()
    await first.sink.close?.()
    await change(at('out'))
    await expect(start({ path: at('out') }, state)).rejects.toMatchObject({ code: 'SR_SINK_CHANGED' })
  })
})

test('a file that is closed and covered by a checkpoint is finished: it may be moved away, and is made anew (SI-06)', async () => {
  const { sink, commit } = await start({ path: at('out/{k}'), max_open_files: 1 })
  await sink.write(batchOf({ k: 'a' }))
  await sink.write(batchOf({ k: 'b' }))
  await commit()
  await rename(at('out/a'), at('taken'))
  await sink.write(batchOf({ k: 'a' }))
  await commit()
  const line = '{"k":"a"}\n'
  expect(await contents()).toEqual({ taken: line, 'out/a': line, 'out/b': '{"k":"b"}\n' })
})

describe('folders and permissions', () => {
  test('a missing folder is made, and said once', async () => {
    const { sink, context } = await start({ path: at('deep/{to}/out') })
    await sink.write(batchOf({ to: 'a' }, { to: 'b' }))
    expect(context.recorded.logs).toEqual([{ level: 'info', message: `made the folder ${at('deep/a')}` }])
  })

  test('a missing folder stops the start where create_dirs is false', async () => {
    const starting = start({ path: at('deep/out'), create_dirs: false })
    await expect(starting).rejects.toMatchObject({ code: 'SR_OUTPUT_CREATE', exitCode: 73 })
  })

  test('a file in the place of a folder, and a folder in the place of a file, stop the start', async () => {
    await writeFile(at('file'), '')
    await expect(start({ path: at('file/out') })).rejects.toMatchObject({ code: 'SR_OUTPUT_CREATE' })
    await expect(start({ path: folder })).rejects.toMatchObject({ code: 'SR_OUTPUT_CREATE' })
  })

  test.skipIf(process.getuid?.() === 0)(
    'a folder without permission stops the start, and holds up a running one',
    async () => {
      await mkdir(at('locked'))
      await chmod(at('locked'), 0o500)
      await expect(start({ path: at('locked/out') })).rejects.toMatchObject({ code: 'SR_OUTPUT_CREATE' })
      const { sink } = await start({ path: at('locked/{to}') })
      await expect(sink.write(batchOf({ to: 'a' }))).rejects.toMatchObject({ name: 'RetryableError' })
      await chmod(at('locked'), 0o700)
      await sink.write(batchOf({ to: 'a' }))
      expect(await contentOf('locked/a')).toBe('{"to":"a"}\n')
    },
  )

  test('a refused permission stops the start, and holds up a running sink until it is there', async () => {
    const storage = memoryStorage()
    const sinkOn = (path: string) =>
      file.open(readOptions(file.options, { path }), sinkContext({ storage, stateFolder: '/state' }))
    storage.failNext('open', 'EACCES')
    await expect((await sinkOn('/out/x')).restore?.(undefined)).rejects.toMatchObject({
      code: 'SR_OUTPUT_CREATE',
      message: 'cannot write /out/x: permission denied',
    })
    const sink = await sinkOn('/out/{to}')
    await sink.restore?.(undefined)
    storage.failNext('open', 'EACCES')
    const held = { name: 'RetryableError', message: 'cannot write /out/a: permission denied' }
    await expect(sink.write(batchOf({ to: 'a' }))).rejects.toMatchObject(held)
    await sink.write(batchOf({ to: 'a' }))
    expect(await readText(storage, '/out/a')).toBe('{"to":"a"}\n')
  })

  test('files are not readable for the world (SI-09)', async () => {
    await start({ path: at('out') })
    expect((await stat(at('out'))).mode & 0o007).toBe(0)
  })
})

describe('records that are no place for a file', () => {
  test('are refused for themselves, and the others are written', async () => {
    await mkdir(at('folder'))
    const { sink } = await start({ path: at('{to}') })
    const batch = batchOf({ to: 'a' }, { to: '../b' }, { to: 'folder' }, { none: 1 }, { to: 'c' })
    const error = await sink.write(batch).catch((thrown) => thrown)
    expect([...error.failed].map(([{ value }, { code }]) => [value, code])).toEqual([
      [{ to: '../b' }, 'SR_PATH_UNSAFE'],
      [{ none: 1 }, 'SR_EXPRESSION_EMPTY'],
      [{ to: 'folder' }, 'SR_PATH_UNSAFE'],
    ])
    expect(await contents()).toEqual({ a: '{"to":"a"}\n', c: '{"to":"c"}\n' })
  })

  test('links that lead out of the folder are not followed, links of the folder itself are (CF-09)', async () => {
    await mkdir(at('outside'))
    await mkdir(at('real'))
    await symlink(at('real'), at('base'))
    await symlink(at('outside'), at('real/out'))
    await symlink(at('outside/nothing'), at('real/dangling'))
    const { sink } = await start({ path: at('base/{to}/{file}') })
    const error = await sink.write(batchOf({ to: 'out', file: 'x' }, { to: 'in', file: 'x' })).catch((thrown) => thrown)
    expect([...error.failed.keys()].map(({ value }) => value)).toEqual([{ to: 'out', file: 'x' }])
    expect(await readdir(at('outside'))).toEqual([])
    const flat = await start({ path: at('base/{file}') })
    await expect(flat.sink.write(batchOf({ file: 'dangling' }))).rejects.toMatchObject({ name: 'PartialWriteError' })
    expect(await readdir(at('outside'))).toEqual([])
  })

  test('a link to a folder that is not there, on any level, does not hold up the others', async () => {
    await mkdir(at('base'))
    await symlink(at('nothing'), at('base/k3'))
    const { sink } = await start({ path: at('base/{k}/x') })
    const batch = batchOf({ k: 'k3' }, { k: 'k4' })
    expect([...(await failuresOf(sink.write(batch)))]).toMatchObject([
      [{ value: { k: 'k3' } }, { code: 'SR_PATH_UNSAFE' }],
    ])
    expect(Object.keys(await contents())).toEqual(['base/k4/x'])
    const deep = await start({ path: at('base/{k}/deep/x') })
    expect((await failuresOf(deep.sink.write(batch))).size).toBe(1)
    expect(await contents()).toEqual({ 'base/k4/deep/x': '{"k":"k4"}\n' })
  })
})

async function failuresOf(write: Promise<void>) {
  const error = await write.catch((thrown) => thrown)
  if (error instanceof PartialWriteError) return error.failed
  throw error
}

test('check names what it writes, and what is wrong with the path', async () => {
  const context = { storage: memoryStorage(), definitionFolder: '/' }
  const check = (path: string, more = {}) => file.check?.(readOptions(file.options, { path, ...more }), context)
  const writes = ['/out/{a}.ndjson']
  expect(await check('/out/{a}.ndjson')).toEqual({ writes, delivery: 'exactly-once' })
  expect(await check('/out/{a}.ndjson', { when_moved: 'reopen' })).toEqual({ writes, delivery: 'at-least-once' })
  expect(await check('out/')).toMatchObject({ faults: [{ path: ['path'], code: 'SR_BAD_VALUE' }] })
})

function at(name: string): string {
  return join(folder, name)
}

function contentOf(name: string): Promise<string> {
  return readFile(at(name), 'utf8')
}

/** Every file of the folder but those that the sink keeps for itself. */
async function contents(): Promise<{ [name: string]: string }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(at('state')))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await contentOf(name)])))
}

/** A life of the sink on the real disk; the one before was killed. */
async function start(options: { readonly [name: string]: Json }, state?: FileState) {
  const stateFolder = at('state')
  const context = sinkContext({ stateFolder })
  const sink = (await file.open(readOptions(file.options, options), context)) as Sink<FileState>
  await sink.restore?.(state)
  const commit = async () => {
    const flushed = (await sink.flush?.()) as FileState
    await sink.commit?.(flushed)
    return flushed
  }
  return { sink, context, stateFolder, commit }
}

function batchOf(...values: readonly Json[]) {
  const origin = { component: 'source', partition: 'list', position: null }
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}
