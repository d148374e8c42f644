import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startStreamrun, until, workFolder } from '../streamrun.ts'

/** A process that runs one pipeline, which writes `out.ndjson`, in a folder of its own; `start` again is its next life. */
export class PipelineProcess {
  readonly #cwd = workFolder()
  readonly #brokers: string
  #running: ReturnType<typeof startStreamrun> | undefined
  /** What its last life has said on standard error so far. */
  said = ''

  /** `pipeline`: the YAML; `KAFKA_BROKERS` fills in where the brokers are. */
  constructor(brokers: string, pipeline: string) {
    this.#brokers = brokers
    writeFileSync(join(this.#cwd, 'pipeline.yaml'), pipeline)
  }

  start(): void {
    this.said = ''
    this.#running = startStreamrun(['pipeline.yaml'], { cwd: this.#cwd, env: { KAFKA_BROKERS: this.#brokers } })
    this.#running.child.stderr?.on('data', (data) => {
      this.said += data
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#running?.child.kill(name)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM')
    const ended = await this.ended
    expect({ code: ended?.code, stderr: ended?.stderr }).toMatchObject({ code: 0 })
  }

  get ended() {
    return this.#running?.ended
  }

  /** Until it is so; not if the process ends before. */
  async comesTo(condition: () => boolean): Promise<void> {
    const child = this.#running?.child
    await until(() => condition() || child?.exitCode !== null || child.signalCode !== null)
    if (!condition()) throw new Error(this.said)
  }

  /** The whole lines of its output. */
  get lines(): string[] {
    const output = join(this.#cwd, 'out.ndjson')
    return existsSync(output) ? readFileSync(output, 'utf8').split('\n').slice(0, -1) : []
  }
}
