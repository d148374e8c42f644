import { option } from '../../../engine/plugin.ts'

export const options = {
  schema: option.optional(
    option.object({
      description:
        'The JSON Schema (draft 2020-12) that records must meet, written out here. Placeholders in it are not filled.',
      examples: [{ type: 'object', required: ['id'], properties: { id: { type: 'string' }, price: { minimum: 0 } } }],
      starter: true,
    }),
  ),
  schema_file: option.optional(
    option.text({
      description:
        'The file of the JSON Schema, in JSON, relative to the definition and within its folder. One of `schema` and `schema_file` is needed.',
      examples: ['schemas/order.schema.json'],
    }),
  ),
}
