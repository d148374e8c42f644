import { describe, expect, it } from 'vitest'
import { Screen } from './screen.ts'
import { FakeTerminal } from './terminal.fixture.ts'

function screenOf(columns = 20, rows = 6) {
  const terminal = new FakeTerminal(columns, rows)
  return { terminal, screen: new Screen(terminal) }
}

describe('the screen', () => {
  it('draws its lines again in their place, with more or with fewer of them', () => {
    const { terminal, screen } = screenOf()
    screen.show(['a 1', 'b 1', 'c 1'])
    screen.show(['a 2', 'b 2'])
    expect(terminal.lines).toEqual(['a 2', 'b 2'])
    screen.show(['a 3', 'b 3', 'c 3', 'd 3'])
    expect(terminal.lines).toEqual(['a 3', 'b 3', 'c 3', 'd 3'])
  })

  it('lets text scroll by above them, however much and however long', () => {
    const { terminal, screen } = screenOf(10, 5)
    screen.show(['view 1', 'view 2'])
    const printed = Array.from({ length: 12 }, (_, n) => `log line ${n}`)
    for (const line of printed) screen.print(`${line}\n`)
    screen.print('first\nsecond\n')
    const wrapped = printed.flatMap((line) => (line.length > 10 ? [line.slice(0, 10), line.slice(10)] : [line]))
    expect(terminal.lines).toEqual([...wrapped, 'first', 'second', 'view 1', 'view 2'])
  })

  it('is not there while somebody else writes to the terminal, and comes back below', async () => {
    const { terminal, screen } = screenOf()
    screen.show(['view'])
    await screen.aside(async () => {
      terminal.write('data 1\n')
      screen.show(['newer'])
      screen.print('log\n')
      await Promise.resolve()
      terminal.write('data 2\n')
      expect(terminal.lines).toEqual(['data 1', 'log', 'data 2'])
    }, false)
    expect(terminal.lines).toEqual(['data 1', 'log', 'data 2', 'newer'])
  })

  it('comes back after a write that failed', async () => {
    const { terminal, screen } = screenOf()
    screen.show(['view'])
    await expect(screen.aside(() => Promise.reject(new Error('EPIPE')), false)).rejects.toThrow('EPIPE')
    expect(terminal.lines).toEqual(['view'])
  })

  it('waits for the end of a line that is written in pieces; a log line ends it', async () => {
    const { terminal, screen } = screenOf()
    screen.show(['view'])
    await screen.aside(async () => void terminal.write('half'), true)
    screen.show(['newer'])
    expect(terminal.lines).toEqual(['half'])
    await screen.aside(async () => void terminal.write(' whole\n'), false)
    expect(terminal.lines).toEqual(['half whole', 'newer'])
    await screen.aside(async () => void terminal.write('cut'), true)
    screen.print('log\n')
    expect(terminal.lines).toEqual(['half whole', 'cut', 'log', 'newer'])
  })

  it('leaves nothing behind: no line, no mode, and the cursor where the next line begins', () => {
    const { terminal, screen } = screenOf()
    screen.print('log\n')
    screen.show(['view 1', 'view 2'])
    expect([terminal.cursor, terminal.wraps]).toEqual([[3, 0], true])
    screen.show([])
    expect(terminal.lines).toEqual(['log'])
    expect([terminal.cursor, terminal.wraps]).toEqual([[1, 0], true])
  })

  it('wipes away the ^C that a terminal shows behind it', () => {
    const { terminal, screen } = screenOf()
    screen.show(['view'])
    terminal.write('^C')
    screen.print('stopping\n')
    expect(terminal.lines).toEqual(['stopping', 'view'])
    terminal.write('^C')
    screen.show([])
    expect(terminal.lines).toEqual(['stopping'])
  })

  it('finds its lines again when the window has become narrower or wider', () => {
    const { terminal, screen } = screenOf(20, 10)
    screen.print('log\n')
    screen.show(['x'.repeat(20), 'y'.repeat(11), '', 'z'])
    terminal.resize(10, 10)
    screen.show(['x'.repeat(10), 'y'])
    expect(terminal.lines).toEqual(['log', 'x'.repeat(10), 'y'])
    terminal.resize(30, 10)
    screen.print('more\n')
    expect(terminal.lines).toEqual(['log', 'more', 'x'.repeat(10), 'y'])
  })

  it('never wraps, even where a line is wider than it should be', () => {
    const { terminal, screen } = screenOf(10, 5)
    screen.show(['x'.repeat(12), 'y'])
    expect(terminal.lines).toEqual(['x'.repeat(10), 'y'])
  })

  it('takes a terminal that does not know its size for one of 80 by 24', () => {
    const { screen } = screenOf(0, 0)
    expect([screen.columns, screen.rows]).toEqual([80, 24])
  })
})
