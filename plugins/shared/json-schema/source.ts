import { type CheckContext, type JsonObject, messageOf, readReference, StreamrunError } from '../../../engine/plugin.ts'
import { type Fault, fault } from '../fault.ts'
import { createValidator, SchemaError, type Validator } from './validator.ts'

/** A JSON Schema as options give it: written out, or in a file. */
export interface GivenSchema {
  readonly schema: JsonObject | undefined
  readonly schema_file: string | undefined
}

/** The validator for what the options say, or what is wrong with them. */
export async function findSchema(
  given: GivenSchema,
  context: CheckContext,
): Promise<{ readonly validator: Validator } | { readonly fault: Fault }> {
  const { schema, schema_file: file } = given
  if (schema !== undefined && file !== undefined) {
    return { fault: fault(['schema_file'], 'SR_OPTION_REFUSED', 'there is a schema already: write one of the two') }
  }
  if (schema !== undefined) return validatorOf(schema, (place) => ['schema', ...place])
  if (file !== undefined) return validatorOfFile(file, context)
  return { fault: fault([], 'SR_MISSING_OPTION', 'one of schema and schema_file is needed') }
}

async function validatorOfFile(file: string, context: CheckContext) {
  const path = ['schema_file']
  try {
    const schema: unknown = JSON.parse(await readReference(file, context))
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) {
      return await validatorOf(schema as JsonObject, () => path)
    }
    return { fault: fault(path, 'SR_SCHEMA_INVALID', 'it holds no JSON object') }
  } catch (error) {
    if (error instanceof SyntaxError) {
      return { fault: fault(path, 'SR_SCHEMA_INVALID', `it is no JSON: ${error.message}`) }
    }
    if (error instanceof StreamrunError) return { fault: fault(path, error.code, error.message) }
    throw error
  }
}

/** `pathOf` says where in the options a place in the schema stands. */
async function validatorOf(schema: JsonObject, pathOf: (place: readonly string[]) => Fault['path']) {
  try {
    return { validator: await createValidator(schema) }
  } catch (error) {
    const place = error instanceof SchemaError ? error.place : []
    return { fault: fault(pathOf(place), 'SR_SCHEMA_INVALID', messageOf(error).replace(/^strict mode: /, '')) }
  }
}
