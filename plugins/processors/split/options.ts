import { option } from '../../../engine/plugin.ts'

export const options = {
  of: option.expression({
    description:
      'The list whose elements become records. An expression that picks may yield one thing alone, which is no list: put it in brackets.',
    default: '$',
    examples: ['items', 'order.lines', '[items[price > 100]]'],
  }),
  as: option.optional(
    option.text({
      description:
        'The field that the element is put into, in a copy of the record without the list; written as in `set` of jsonata. `of` must then be the way to the list, such as `order.lines`. Left out: the element is the whole value.',
      examples: ['item', 'order.line'],
    }),
  ),
  index: option.text({
    description: 'The header that tells the place of the element in its list, from 0.',
    default: 'index',
    examples: ['line'],
  }),
}
