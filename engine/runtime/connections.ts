import type { ConnectionComponent } from '../config/definition.ts'
import { GaveUpError, RetryableError, StreamrunError } from '../errors.ts'
import type { Connection, ConnectionContext } from '../plugin.ts'
import { componentContext, type Services } from './context.ts'
import { faultOf } from './fault.ts'
import { withRetries } from './retry.ts'
import { settleAll } from './settle.ts'

/** The connections of one running pipeline: each is opened when a component first asks for it. */
export class Connections {
  readonly #components: readonly ConnectionComponent[]
  readonly #services: Services
  readonly #open = new Map<string, Promise<Connection>>()
  /** Keys of what is shared with other pipelines, one for each time that it was asked for. */
  readonly #shared: string[] = []

  constructor(components: readonly ConnectionComponent[], services: Omit<Services, 'connections'>) {
    this.#components = components
    this.#services = { ...services, connections: this }
  }

  /** As `Context.connection`. */
  async client<C>(name: string): Promise<C> {
    const connection = this.#open.get(name) ?? this.#connect(name)
    this.#open.set(name, connection)
    return (await connection).client as C
  }

  /** After everything that uses them was closed. */
  async close(): Promise<void> {
    const { shared } = this.#services.environment
    // One that could not be opened has nothing to close, and was reported.
    const closing = [...this.#open.values()].map((one) => one.catch(() => undefined).then((opened) => opened?.close()))
    this.#open.clear()
    try {
      await settleAll(closing)
    } finally {
      await settleAll(this.#shared.splice(0).map((key) => shared.release(key)))
    }
  }

  async #connect(name: string): Promise<Connection> {
    const component = this.#components.find((one) => one.name === name)
    if (component === undefined) throw new Error(`there is no connection ${name}`)
    const { environment, stopping, metrics, health } = this.#services
    const { clock, random } = environment
    const counts = metrics.of('connection', name)
    const parts = { component: name, retry: component.retry, clock, random, stopping, metrics: counts }
    const context = this.#contextOf(name)
    try {
      return await withRetries({ ...parts, health: health.of(name) }, () =>
        component.plugin.open(component.options, context),
      )
    } catch (error) {
      throw error instanceof GaveUpError ? error : faultOf(name, reasonOf(error))
    }
  }

  #contextOf(name: string): ConnectionContext {
    const { shared } = this.#services.environment
    return {
      ...componentContext(this.#services, 'connection', name),
      shared: async (key, open) => {
        const value = await shared.acquire(key, open)
        this.#shared.push(key)
        return value
      },
    }
  }
}

/** When it was tried often enough: what stood in the way, not that it was tried. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof StreamrunError && error.code === 'SR_RETRY_EXHAUSTED')) return error
  const { cause } = error
  return cause instanceof RetryableError && cause.cause instanceof StreamrunError ? cause.cause : error
}
