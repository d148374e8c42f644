import { describe, expect, it } from 'vitest'
import { streamrun, workFolder } from './streamrun.ts'

/** The commands that explain and begin things, as users call them. */

describe('graph', () => {
  it('draws with --format mermaid what --format text tells', async () => {
    const cwd = workFolder()
    const { code, stdout } = await streamrun(['graph', '--format', 'mermaid', 'pipelines/ecommerce.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^flowchart LR\n {2}subgraph segment_1\["segment 1"\]\n/)
    expect(stdout).toContain('  source_shop_log --> channel_buffer\n')
  })

  it('refuses a format that it does not know', async () => {
    const { code } = await streamrun(['graph', '--format', 'dot', 'pipelines/ecommerce.yaml'], { cwd: workFolder() })
    expect(code).toBe(64)
  })
})
