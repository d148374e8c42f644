import { option } from '../../../engine/plugin.ts'

export const options = {
  format: option.choice(['json', 'pretty', 'table', 'template'], {
    description:
      '`json` writes one line a record in the codec of the sink, for programs. The others are for people: `pretty` writes `field=value`, in colour where the terminal has some, `table` writes rows under a header, `template` the text of the option `template`.',
    default: 'json',
  }),
  columns: option.optional(
    option.list(option.expression({ description: 'What the column shows.' }), {
      description:
        'For `format: table`: what the columns show, which is also their header. Left out: the fields of the first record, twenty at most.',
      examples: [['order_id', 'customer.name', '$round(price * quantity, 2)']],
    }),
  ),
  template: option.optional(
    option.template({
      description: 'For `format: template`: the text that is printed for each record, followed by a line feed.',
      examples: ['%H:%M:%S {order_id}: {quantity} x {product}'],
    }),
  ),
}
