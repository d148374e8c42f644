import { SECTIONS } from '../config/schema.ts'
import { EXIT } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import { explainPlugin, listPlugins, pluginData } from '../registry/explain.ts'
import { builtinRegistry } from '../registry/index.ts'
import { reportingErrors, writeOut } from './common.ts'
import { unknownWord } from './words.ts'

export interface PluginsCommandOptions {
  readonly json?: true
}

/** `streamrun plugins [KIND] [TYPE]`: all plugins with their summaries, those of a kind, or all about those of a type. */
export function plugins(words: readonly string[], options: PluginsCommandOptions): Promise<number> {
  return reportingErrors(async () => {
    const found = await loadAll(findPlugins(words))
    writeOut(options.json ? `${JSON.stringify(found.map(pluginData), null, 2)}\n` : describe(found, words))
    return EXIT.done
  })
}

type Kind = Plugin['kind']
interface Found {
  readonly kind: Kind
  readonly type: string
}

const KINDS = Object.values(SECTIONS)
/** Longer lines are hard to read, however wide the window. */
const MAX_COLUMNS = 100

function findPlugins([first, second]: readonly string[]): readonly Found[] {
  if (first === undefined) return allPlugins(KINDS)
  const kinds = KINDS.filter((kind) => kind === first)
  if (second !== undefined && kinds.length === 0) throw unknownWord('kind of plugin', first, KINDS)
  if (kinds.length > 0 && second === undefined) return allPlugins(kinds)
  return ofType(second ?? first, kinds.length > 0 ? kinds : KINDS)
}

function ofType(type: string, kinds: readonly Kind[]): readonly Found[] {
  const among = allPlugins(kinds)
  const found = among.filter((plugin) => plugin.type === type)
  if (found.length > 0) return found
  const types = [...new Set(among.map((plugin) => plugin.type))]
  const [kind, ...others] = kinds
  if (kind !== undefined && others.length === 0) throw unknownWord(kind, type, types)
  throw unknownWord('plugin', type, [...kinds, ...types])
}

function allPlugins(kinds: readonly Kind[]): readonly Found[] {
  const registry = builtinRegistry()
  return kinds.flatMap((kind) => registry.names(kind).map((type) => ({ kind, type })))
}

function loadAll(found: readonly Found[]): Promise<Plugin[]> {
  const registry = builtinRegistry()
  return Promise.all(found.map(({ kind, type }) => registry.load(kind, type)))
}

function describe(found: readonly Plugin[], words: readonly string[]): string {
  const named = words.some((word) => !KINDS.some((kind) => kind === word))
  const last = found.at(-1)
  if (!named && last !== undefined) {
    return `${listPlugins(found)}\nAll about one of them: streamrun plugins ${last.kind} ${last.type}\n`
  }
  const columns = Math.min(process.stdout.columns ?? MAX_COLUMNS, MAX_COLUMNS)
  return found.map((plugin) => explainPlugin(plugin, columns)).join('\n')
}
