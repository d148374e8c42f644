import type { Plugin } from '../plugin.ts'
import { BUILTIN } from './builtin.ts'

/** Kind and type -> plugin. */
export interface Registry {
  /** The types of a kind, in alphabetical order. */
  names(kind: Plugin['kind']): readonly string[]
  /** Loads the plugin; `type` is one of `names(kind)`. */
  load(kind: Plugin['kind'], type: string): Promise<Plugin>
  /** True when there may be plugins that it does not know of. */
  readonly open?: boolean
}

/** The plugins that come with streamrun. Each is imported when it is first loaded. */
export function builtinRegistry(): Registry {
  return {
    names: (kind) => Object.keys(BUILTIN[kind]),
    load: async (kind, type) => {
      const load = Object.hasOwn(BUILTIN[kind], type) ? BUILTIN[kind][type] : undefined
      if (load === undefined) throw new Error(`there is no ${kind} "${type}"`)
      return (await load()).default
    },
  }
}

/** `registry` with plugins from outside beside its own. */
export function withPlugins(registry: Registry, plugins: readonly Plugin[]): Registry {
  const outside = (kind: Plugin['kind']) => plugins.filter((plugin) => plugin.kind === kind)
  return {
    ...registry,
    names: (kind) => [...registry.names(kind), ...outside(kind).map(({ type }) => type)].sort(),
    load: async (kind, type) => outside(kind).find((plugin) => plugin.type === type) ?? registry.load(kind, type),
  }
}
