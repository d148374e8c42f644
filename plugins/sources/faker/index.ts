import { defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { checkFaker } from './check.ts'
import { options } from './options.ts'
import { GeneratedRecords, type Position } from './source.ts'

export default defineSource({
  type: 'faker',
  summary: 'Generates records with faker, the same ones for the same seed.',
  delivery: 'replayable',
  options,
  check: checkFaker,
  open: (given, context: SourceContext<Position>) => new GeneratedRecords(given, context),
})
