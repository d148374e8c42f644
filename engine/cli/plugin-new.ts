import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NAME_PATTERN } from '../config/schema.ts'
import { EXIT, messageOf, StreamrunError } from '../errors.ts'
import { builtinRegistry } from '../registry/index.ts'
import { errorCode } from '../storage.ts'
import { reportingErrors, writeOut } from './common.ts'
import { ownFile, ownPackage } from './own-package.ts'
import { unknownWord } from './words.ts'

export interface NewPluginOptions {
  readonly dir?: string
}

/** `streamrun plugin new KIND NAME`: writes a plugin that passes the contract suite of its kind, into a new folder. */
export function newPlugin(kind: string, name: string, options: NewPluginOptions): Promise<number> {
  return reportingErrors(async () => {
    const wanted = { kind: kindOf(kind), name: checkName(kind, name) }
    const folder = options.dir ?? name
    await makeNewFolder(folder)
    const files = { ...(await readTemplate(wanted)), 'package.json': packageJson(wanted) }
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content, { flag: 'wx' })
    writeOut(`wrote ${Object.keys(files).join(', ')} to ${folder}\nnext: cd ${folder} && npm install && npm test\n`)
    return EXIT.done
  })
}

const KINDS = ['source', 'processor', 'sink'] as const
interface Wanted {
  readonly kind: (typeof KINDS)[number]
  readonly name: string
}

/** Channels and connections are more than one function, so that there is little to begin with. */
function kindOf(word: string): Wanted['kind'] {
  const kind = KINDS.find((one) => one === word)
  if (kind !== undefined) return kind
  const own = WITHOUT_TEMPLATE[word]
  if (own !== undefined) throw new StreamrunError('SR_USAGE', `there is no template for a ${word}: ${own}`)
  throw unknownWord('template for a', word, KINDS)
}

const WITHOUT_TEMPLATE: { readonly [kind: string]: string | undefined } = {
  channel:
    '`defineChannel` of streamrun/plugin says what to write, and `describeChannel` of streamrun/testing tries it',
  connection: '`defineConnection` of streamrun/plugin says what to write',
}

function checkName(kind: string, name: string): string {
  if (!new RegExp(NAME_PATTERN).test(name)) {
    const rule = 'lower-case letters, digits and dashes, beginning with a letter'
    throw new StreamrunError('SR_USAGE', `"${name}" cannot be the type of a plugin: write ${rule}`)
  }
  if (builtinRegistry().names(kindOf(kind)).includes(name)) {
    throw new StreamrunError('SR_USAGE', `streamrun has a ${kind} "${name}" of its own: choose another name`)
  }
  return name
}

async function makeNewFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length === 0) return
  } catch (error) {
    const message = `the folder ${folder} cannot be made: ${messageOf(error)}`
    throw new StreamrunError('SR_OUTPUT_CREATE', errorCode(error) === 'EEXIST' ? `${folder} is a file` : message)
  }
  throw new StreamrunError('SR_OUTPUT_CREATE', `the folder ${folder} is not empty, and is left as it is: name another`)
}

/** The templates are plugins themselves, of the type `my-sink` and the like. */
async function readTemplate({ kind, name }: Wanted): Promise<Record<string, string>> {
  const folder = ownFile(`engine/cli/templates/${kind}`)
  const files = (await readdir(folder)).sort()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return Object.fromEntries(files.map((file, index) => [file, (texts[index] ?? '').replaceAll(`my-${kind}`, name)]))
}

function packageJson({ kind, name }: Wanted): string {
  const { version, peerDependencies } = ownPackage()
  const content = {
    name: `streamrun-${name}`,
    version: '0.1.0',
    description: `A ${kind} for streamrun.`,
    keywords: ['streamrun'],
    type: 'module',
    exports: './index.js',
    files: ['index.js', 'options.js'],
    scripts: { test: 'vitest run' },
    peerDependencies: { streamrun: `^${version}` },
    devDependencies: { streamrun: `^${version}`, vitest: peerDependencies.vitest },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
