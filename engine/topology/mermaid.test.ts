import { describe, expect, it } from 'vitest'
import { definitionOf } from './definition.fixture.ts'
import { describeMermaid } from './mermaid.ts'

const draw = (...lines: string[]) => describeMermaid([definitionOf(lines)])

describe('describeMermaid', () => {
  it('draws kinds as shapes, ports as labels, segments as boxes, and a durable channel between its two', () => {
    expect(draw('source a-b', 'file f < a-b', 'processor p < f', 'sink s < p', 'sink late < p.late')).toBe(
      `flowchart LR
  subgraph segment_1["segment 1"]
    source_a_b(["a-b<br>source"])
  end
  subgraph segment_2["segment 2"]
    processor_p["p<br>processor"]
    sink_s[["s<br>sink"]]
    sink_late[["late<br>sink"]]
  end
  channel_f[("f<br>file")]
  source_a_b --> channel_f
  channel_f --> processor_p
  processor_p --> sink_s
  processor_p -->|"late"| sink_late
`,
    )
  })

  it('puts every component into one place, memory channels in circles of pumps too', () => {
    const lines = ['source a', 'source b', 'memory m < a', 'processor p < m b', 'memory n < p', 'sink s < n p']
    const chart = draw(...lines)
    for (const id of ['source_a', 'source_b', 'channel_m', 'processor_p', 'channel_n', 'sink_s']) {
      expect(chart.match(new RegExp(`^ +${id}[[(]`, 'gm')), id).toHaveLength(1)
    }
  })

  it('keeps words of Mermaid and marks in types from being read as such', () => {
    const definition = definitionOf(['source end', 'sink graph < end'])
    const [source, sink] = definition.components
    const quoted = { ...definition, components: [{ ...source, type: 'a"b<i>#1' }, sink] } as typeof definition
    const chart = describeMermaid([quoted])
    expect(chart).toContain('source_end(["end<br>a#34;b#60;i#62;#35;1"])')
    expect(chart).toContain('source_end --> sink_graph')
  })

  it('shows no option, so that no secret gets into a drawing', () => {
    const definition = definitionOf(['source a', 'sink s < a'])
    const components = definition.components.map((one) => ({ ...one, options: { password: 'hunter2' } }))
    expect(describeMermaid([{ ...definition, components } as typeof definition])).not.toContain('hunter2')
  })

  it('draws several pipelines as boxes of one chart, with ids of their own', () => {
    const one = definitionOf(['source a', 'sink s < a'], { name: 'one' })
    const two = definitionOf(['source a', 'sink s < a'], { name: 'two' })
    const chart = describeMermaid([one, two])
    expect(chart.match(/flowchart/g)).toHaveLength(1)
    expect(chart).toContain('subgraph p2["two"]')
    expect(chart).toContain('p1_source_a --> p1_sink_s')
    expect(chart).toContain('p2_source_a --> p2_sink_s')
  })
})
