import { option } from '../../../engine/plugin.ts'

export const options = {
  expression: option.optional(
    option.expression({
      description:
        'Its result replaces the value of the record; a record for which it yields nothing fails. Not together with `set` or `unset`.',
      examples: ['{ "id": order_id, "total": $sum(items.(price * quantity)) }'],
    }),
  ),
  set: option.optional(
    option.map(option.expression({ description: 'What the field is set to.' }), {
      description:
        'Fields and the expressions that they are set to. A field inside another is written with dots; a name that has dots itself stands in backquotes. Every expression sees the record as it came in, whatever the others set; one that yields nothing removes its field.',
      examples: [{ total: 'price * quantity', 'customer.region': '$uppercase(country)' }],
      starter: true,
    }),
  ),
  unset: option.optional(
    option.texts({
      description:
        'Fields to remove, written as in `set`; removed before `set` writes. A field that is not there is no error.',
      examples: [['password', 'customer.email']],
    }),
  ),
}
