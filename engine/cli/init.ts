import { access, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { EXIT, StreamrunError } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import { builtinRegistry, type Registry } from '../registry/index.ts'
import { type StarterParts, starterPipeline } from '../registry/starter.ts'
import { errorCode } from '../storage.ts'
import { askForParts, type Chosen } from './ask.ts'
import { notWritten, reportingErrors, writeOut } from './common.ts'
import { ownFile } from './own-package.ts'
import { unknownWord } from './words.ts'

/** `streamrun init [FILE]`: writes a commented pipeline that validates as it stands, with its files, and never over one. */
export function init(file: string, options: Chosen): Promise<number> {
  return reportingErrors(async () => {
    await refuseExisting(file)
    const registry = builtinRegistry()
    const chosen = isComplete(options) ? options : await ask(options, registry)
    const { text, files } = starterPipeline({ ...(await loadParts(chosen, registry)), ...namesFor(file) })
    await writeNew(file, text)
    writeOut(`wrote ${file}\n`)
    for (const [name, content] of files) await writeBeside(join(dirname(file), name), content)
    writeOut(`next: streamrun validate ${file}\n`)
    return EXIT.done
  })
}

/** Before anything is asked. */
async function refuseExisting(file: string): Promise<void> {
  if (await isThere(file)) throw alreadyThere(file)
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function alreadyThere(file: string): StreamrunError {
  return new StreamrunError('SR_OUTPUT_CREATE', `${file} is there already, and is left as it is: name another file`)
}

function isComplete({ source, sink }: Chosen): boolean {
  return source !== undefined && sink !== undefined
}

async function ask(options: Chosen, registry: Registry): Promise<Chosen> {
  if (process.stdin.isTTY) return askForParts(options, registry, { input: process.stdin, output: process.stdout })
  const missing = (['source', 'sink'] as const).filter((kind) => options[kind] === undefined)
  const flags = missing.map((kind) => `--${kind} (${registry.names(kind).join(', ')})`)
  throw new StreamrunError('SR_USAGE', `there is no terminal to ask on: write ${flags.join(' and ')}`)
}

type Parts = Omit<StarterParts, 'file' | 'name' | 'schema'>

async function loadParts({ source, channel, processor = [], sink }: Chosen, registry: Registry): Promise<Parts> {
  const load = (kind: Plugin['kind'], type = '') => {
    const types = registry.names(kind)
    if (!types.includes(type)) throw unknownWord(kind, type, types)
    return registry.load(kind, type)
  }
  const parts = {
    source: await load('source', source),
    channel: channel === undefined ? undefined : await load('channel', channel),
    processors: await Promise.all(processor.map((type) => load('processor', type))),
    sink: await load('sink', sink),
  }
  const needed = connectionsOf([parts.source, ...parts.processors, parts.sink])
  return { ...parts, connections: await Promise.all(needed.map((type) => load('connection', type))) }
}

/** The types of the connections that options of these plugins name. */
function connectionsOf(plugins: readonly Plugin[]): readonly string[] {
  const options = plugins.flatMap((plugin) => Object.values(plugin.options))
  return [...new Set(options.flatMap(({ connects }) => (connects === undefined ? [] : [connects])))]
}

function namesFor(file: string) {
  const words = basename(file, extname(file))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
  return { file, name: words === '' ? 'pipeline' : words, schema: schemaFor(resolve(dirname(file))) }
}

/** Within the folder that this package is installed in the path is a relative one, so that it can be committed. */
function schemaFor(folder: string): string {
  const path = ownFile('schemas/pipeline.schema.json')
  const root = resolve(dirname(path), '..')
  const modules = root.lastIndexOf(`${sep}node_modules${sep}`)
  const project = modules === -1 ? root : root.slice(0, modules)
  if (folder !== project && !folder.startsWith(join(project, sep))) return path
  const way = relative(folder, path).replaceAll(sep, '/')
  return way.startsWith('.') ? way : `./${way}`
}

/** What is there already may be what the user wants the pipeline to read. */
async function writeBeside(path: string, text: string): Promise<void> {
  if (await isThere(path)) return writeOut(`${path} is there already, and is left as it is; the pipeline reads it\n`)
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw notWritten(path, error)
  })
  await writeNew(path, text)
  writeOut(`wrote ${path}, which it reads\n`)
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw alreadyThere(file)
    throw notWritten(file, error)
  }
}
