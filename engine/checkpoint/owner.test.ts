import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
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

/** Another process that takes the folder and keeps it until it is killed. */
async function otherOwner(folder: string): Promise<ReturnType<typeof spawn>> {
  const script = `
    const { takeOwnership } = await import(${JSON.stringify(join(process.cwd(), 'dist/engine/checkpoint/owner.js'))})
    const { diskStorage } = await import(${JSON.stringify(join(process.cwd(), 'dist/engine/storage.js'))})
    await takeOwnership(diskStorage(), ${JSON.stringify(folder)}).then(() => console.log('mine'), (error) => console.log(error.code))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  const said = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (data) => resolve(String(data).trim())),
  )
  return Object.assign(child, { said })
}

describe('takeOwnership', () => {
  it('refuses a second owner, naming the first', async () => {
    const folder = folderOf()
    const child = await otherOwner(folder)
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
    const child = await otherOwner(folder)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await (await takeOwnership(storage, folder)).release()
  })

  it('frees the folder on release', async () => {
    const folder = folderOf()
    for (let round = 0; round < 2; round++) await (await takeOwnership(storage, folder)).release()
  })

  it('does not believe an owner file whose process is gone, or that is torn', async () => {
    const folder = folderOf()
    for (const text of ['{"pid": 1, "started": "never", "boot": "another", "host": "h"}', '{"pid": 12']) {
      writeFileSync(join(folder, 'owner.json'), text)
      await (await takeOwnership(storage, folder)).release()
    }
  })

  it('lets exactly one of many racers win', async () => {
    const folder = folderOf()
    const racers = await Promise.all(Array.from({ length: 8 }, () => otherOwner(folder)))
    const said = racers.map((racer) => (racer as { said?: string }).said).sort()
    expect(said).toEqual([
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'SR_STATE_LOCKED',
      'mine',
    ])
  })
})
