import { option } from '../../../engine/plugin.ts'

export const options = {
  cases: option.map(option.expression({ description: 'Records for which this is true leave by the port.' }), {
    description:
      'Ports and the conditions under which a record leaves by them, tried in the order of the file: the first that is true takes the record. True is what JSONata calls true: `$boolean` of the result.',
    examples: [{ eu: 'country in ["DE", "FR"]', us: 'country = "US"' }],
  }),
  otherwise: option.text({
    description:
      'What becomes of a record that no case takes. `fail`: it goes to the dead letters with `SR_UNROUTED`. `drop`: it is let go on purpose and counted. Any other word is the port that it leaves by, one of its own or that of a case.',
    default: 'fail',
    examples: ['other', 'drop'],
  }),
}
