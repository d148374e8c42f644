import { type Logger, messageOf } from '../../../../engine/plugin.ts'

/** Says once that brokers are away, and once that they are back. */
export class Outage {
  readonly #log: Logger
  #lasts = false

  constructor(log: Logger) {
    this.#log = log
  }

  begin(error: unknown): void {
    if (!this.#lasts) this.#log.warn(`waiting for Kafka: ${messageOf(error)}`)
    this.#lasts = true
  }

  end(): void {
    if (this.#lasts) this.#log.info('Kafka answers again')
    this.#lasts = false
  }
}
