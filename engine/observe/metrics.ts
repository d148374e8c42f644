/** Counts of one component; the engine's own are `in`, `out`, `bytes`, `dropped` and `failed`, plugins add theirs. */
export class ComponentMetrics {
  readonly kind: string
  readonly name: string
  readonly #counts = new Map<string, number>()

  constructor(kind: string, name: string) {
    this.kind = kind
    this.name = name
  }

  /** Call it per batch, never per record. */
  add(count: string, by: number): void {
    if (by !== 0) this.#counts.set(count, (this.#counts.get(count) ?? 0) + by)
  }

  /** A figure that goes up and down. */
  set(gauge: string, value: number): void {
    if (value === 0) this.#counts.delete(gauge)
    else this.#counts.set(gauge, value)
  }

  get(count: string): number {
    return this.#counts.get(count) ?? 0
  }

  /** Everything that is not 0, in the order in which it was first counted. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}

/** The counts of a pipeline's components, in the order of the definition. */
export class Metrics {
  readonly #components = new Map<string, ComponentMetrics>()

  of(kind: string, name: string): ComponentMetrics {
    const known = this.#components.get(name)
    if (known !== undefined) return known
    const made = new ComponentMetrics(kind, name)
    this.#components.set(name, made)
    return made
  }

  get components(): readonly ComponentMetrics[] {
    return [...this.#components.values()]
  }
}
