import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import { errorCode, type Storage } from '../storage.ts'

/**
 * Imports the plugins of one entry of `plugins:`: a file relative to the folder of the definition (`./my-sink.js`), or
 * a package that is installed there or beside streamrun. Throws an `Error` that says what is wrong.
 */
export async function loadOutside(entry: string, folder: string, storage: Storage): Promise<readonly Plugin[]> {
  const module: unknown = await importOutside(entry, folder, storage)
  const exported = module !== null && typeof module === 'object' && 'default' in module ? module.default : undefined
  const plugins = Array.isArray(exported) ? exported : [exported]
  if (plugins.length === 0 || !plugins.every(isPlugin)) {
    throw new Error('its default export is no plugin and no list of them')
  }
  return plugins
}

async function importOutside(entry: string, folder: string, storage: Storage): Promise<unknown> {
  if (entry.startsWith('.') || isAbsolute(entry)) {
    const path = resolve(folder, entry)
    if ((await storage.stat(path)) === undefined) throw new Error('there is no such file')
    return import(pathToFileURL(path).href)
  }
  return import(locate(entry, folder)).catch((error: unknown) => {
    throw isMissing(error, entry) ? new Error(`the package "${entry}" is not installed here`, { cause: error }) : error
  })
}

function isMissing(error: unknown, name: string): boolean {
  return errorCode(error) === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes(`'${name}'`)
}

function locate(entry: string, folder: string): string {
  try {
    return pathToFileURL(createRequire(join(resolve(folder), 'pipeline.yaml')).resolve(entry)).href
  } catch {
    // Not installed beside the definition, or only for `import`: Node finds it from here, or says why not.
    return entry
  }
}

const KINDS: readonly unknown[] = ['connection', 'source', 'channel', 'processor', 'sink'] satisfies Plugin['kind'][]

function isPlugin(value: unknown): value is Plugin {
  if (value === null || typeof value !== 'object') return false
  const { kind, type, options } = value as Partial<Record<keyof Plugin, unknown>>
  return KINDS.includes(kind) && typeof type === 'string' && typeof options === 'object' && options !== null
}

/** In one line, for the fault: Node's own messages name whole stacks of importing modules. */
export function loadError(error: unknown): string {
  if (isModuleAsScript(error))
    return 'Node takes it for CommonJS: name it .mjs, or write `"type": "module"` into its package.json'
  return messageOf(error).split('\n')[0] ?? ''
}

/** `npm init` writes `"type": "commonjs"`, and then a plugin in a .js file is no module. */
function isModuleAsScript(error: unknown): boolean {
  return (
    error instanceof SyntaxError && /import statement outside a module|Unexpected token 'export'/.test(error.message)
  )
}
