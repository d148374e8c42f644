import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../streamrun.ts'
import { answers } from './broker/ports.ts'

const SERVE = resolve('dist/test/kafka/broker/serve.js')

it.each(['SIGKILL', 'SIGINT'] as const)(
  '`npm run kafka` prints its address, and nothing of the broker is left after %s',
  async (signal) => {
    const child = spawn(process.execPath, [SERVE], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(child.stdout, 'data')
    const port = Number(String(line).trim().split(':')[1])
    expect(await answers(port)).toBe(true)
    const folder = folderOf(port)
    expect(existsSync(folder)).toBe(true)
    child.kill(signal)
    await once(child, 'close')
    await until(async () => !(await answers(port)) && !existsSync(folder))
  },
)

function folderOf(port: number): string {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith('streamrun-kafka-'))
  const found = folders.find((name) => {
    const properties = join(tmpdir(), name, 'server.properties')
    return existsSync(properties) && readFileSync(properties, 'utf8').includes(`PLAINTEXT://127.0.0.1:${port},`)
  })
  return join(tmpdir(), found ?? 'no such folder')
}
