import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { _ } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { loadAjv } from '../config/ajv.ts'
import { componentOptions } from '../config/component-options.ts'
import { checkFile } from '../config/ready-check.ts'
import { outlineSchema, SECTIONS } from '../config/schema.ts'
import { type JsonSchema, objectSchema } from '../options.ts'
import { builtinRegistry } from '../registry/index.ts'
import { TEST_FILE_OPTIONS } from '../trial/case-options.ts'

/** Writes a check into `folder` for every schema that definitions of built-in plugins meet. */
export async function writeChecks(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const schemas = await ownSchemas()
  await Promise.all(
    schemas.map(async (schema) => writeFile(join(folder, checkFile(schema)), await checkSource(schema))),
  )
}

/** Of a pipeline file without its components, of a file of tests, and of a component of each plugin. */
export async function ownSchemas(): Promise<readonly JsonSchema[]> {
  const registry = builtinRegistry()
  const plugins = Object.values(SECTIONS).flatMap((kind) =>
    registry.names(kind).map((type) => registry.load(kind, type)),
  )
  const components = (await Promise.all(plugins)).map((plugin) => objectSchema(componentOptions(plugin)))
  return [outlineSchema(), objectSchema(TEST_FILE_OPTIONS), ...components]
}

/** Ajv writes CommonJS that refers to formats and to files of its own: both come in as arguments. */
async function checkSource(schema: JsonSchema): Promise<string> {
  const ajv = await loadAjv({ code: { source: true, formats: _`formats` } })
  const code = standalone.default(ajv, ajv.compile(schema))
  return `export default (formats, require) => {\nconst module = {}\n${code}\nreturn module.exports\n}\n`
}
