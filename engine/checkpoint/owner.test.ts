import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { diskStorage } from '../storage.ts'
import { takeOwnership } from './owner.ts'

const storage = diskStorage()
const folderOf = () => mkdtempSync(join(tmpdir(), 'streamrun-owner-'))
const started: ReturnType<typeof spawn>[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Another process that takes the folder and keeps it until it is killed. `before`: what starts it, such as unshare. */
async function otherOwner(folder: string, before: readonly string[] = []) {
  const script = `
    const { takeOwnership } = await import(${JSON.stringify(join(process.cwd(), 'dist/engine/checkpoint/owner.js'))})
    const { diskStorage } = await import(${JSON.stringify(join(process.cwd(), 'dist/engine/storage.js'))})
    await takeOwnership(diskStorage(), ${JSON.stringify(folder)}).then(() => console.log('mine'), (error) => console.log(error.code))
    setInterval(() => {}, 1000)`
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', script]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  const said = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (data) => resolve(String(data).trim())),
  )
  return { child, said, gone: new Promise((resolve) => child.once('close', resolve)) }
}

/** As a container that shares nothing but the disk; needs the right to make namespaces. */
const CONTAINER = ['unshare', '-n', '-p', '-f', '--mount-proc', '--kill-child']
const canContain = spawnSync('unshare', [...CONTAINER.slice(1), 'true']).status === 0

describe('takeOwnership', () => {
  it('refuses a second owner, naming the first', async () => {
    const folder = folderOf()
    const { child } = await otherOwner(folder)
    await expect(takeOwnership(storage, folder)).rejects.toMatchObject({
      code: 'SR_STATE_LOCKED',
      message: expect.stringContaining(`in use by process ${child.pid} on `),
    })
  })

  it('refuses a second owner in the same process', async () => {
    const folder = folderOf()
    await takeOwnership(storage, folder)
    await expect(takeOwnership(storage, folder)).rejects.toMatchObject({ code: 'SR_STATE_LOCKED' })
  })

  it('leaves nothing stale when its owner is killed', async () => {
    const folder = folderOf()
    const { child, gone } = await otherOwner(folder)
    child.kill('SIGKILL')
    await gone
    await (await takeOwnership(storage, folder)).release()
  })

  it('frees the folder on release', async () => {
    const folder = folderOf()
    for (let round = 0; round < 2; round++) await (await takeOwnership(storage, folder)).release()
  })

  it('frees the folder when it cannot say who has it', async () => {
    const folder = folderOf()
    mkdirSync(join(folder, 'owner.json'))
    await expect(takeOwnership(storage, folder)).rejects.toMatchObject({ code: 'EISDIR' })
    rmdirSync(join(folder, 'owner.json'))
    await (await takeOwnership(storage, folder)).release()
  })

  it('takes a folder whose path is longer than that of a socket may be', async () => {
    const folder = join(folderOf(), 'x'.repeat(200))
    mkdirSync(folder)
    await takeOwnership(storage, folder)
    await expect(takeOwnership(storage, folder)).rejects.toMatchObject({ code: 'SR_STATE_LOCKED' })
  })

  it.skipIf(!canContain)('refuses a second owner in another container, until the first is killed', async () => {
    const folder = folderOf()
    const first = await otherOwner(folder, CONTAINER)
    expect([first.said, (await otherOwner(folder, CONTAINER)).said]).toEqual(['mine', 'SR_STATE_LOCKED'])
    first.child.kill('SIGKILL')
    await first.gone
    expect((await otherOwner(folder, CONTAINER)).said).toBe('mine')
  })

  it('lets exactly one of many racers win, also over what a killed owner left', { timeout: 60_000 }, async () => {
    const folder = folderOf()
    for (let round = 0; round < 3; round++) {
      const racers = await Promise.all(Array.from({ length: 8 }, () => otherOwner(folder)))
      const said = racers.map((racer) => racer.said)
      expect(said.filter((word) => word !== 'SR_STATE_LOCKED')).toEqual(['mine'])
      for (const { child } of racers) child.kill('SIGKILL')
      await Promise.all(racers.map(({ gone }) => gone))
    }
  })
})
