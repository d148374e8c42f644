import { describeProcessor } from 'streamrun/testing'
import { expect, it } from 'vitest'
import plugin from './index.js'

/** One test for each promise of a processor: nothing vanishes, order, no value changed in place. */
describeProcessor('my-processor', {
  plugin,
  options: { field: 'region', text: 'north' },
  // At least three; values of every odd shape are added to them.
  values: [{ id: 1 }, { id: 2, region: 'south' }, 'no object', { id: 3 }],
})

it('is summed up in a sentence, which `streamrun` shows', () => {
  expect(plugin.summary).toMatch(/\.$/)
})
