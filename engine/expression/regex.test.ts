import { describe, expect, it } from 'vitest'
import { judgeRegex } from './regex.ts'

describe('judgeRegex', () => {
  const blowUps = [
    /^(a+)+$/,
    /(a|a)*b/,
    /(a|ab|b)*c/,
    /(.*,)*$/,
    /(\w+\s?)*$/,
    /(x+x+)+y/,
    /([a-z]+)*\d/,
    /((ab)*)*c/,
    /(?:(?:a|b)+b)+c/,
    /(a?){50}b/,
    /(a{1,20}){1,20}b/,
    /^(([a-z])+.)+[A-Z]([a-z])+$/,
    /(?:ж+)+$/,
  ]
  it.each(blowUps)('refuses %s, which can run for ever', (regex) => {
    expect(judgeRegex(regex)).toHaveProperty('fault')
  })

  const linear = [
    /^\d+$/,
    /^(\w+,)*/,
    /^(foo|bar)+/,
    /^(\d{1,3}\.){3}\d{1,3}$/,
    /^(\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+)/,
    /"([^"]*)"/,
    /user=(\d+)/,
    /^(?:[0-9a-f]{2}:)+/i,
    /(?<year>\d{4})-(?<month>\d\d)(?=T|$)/,
    /,/,
  ]
  it.each(linear)('lets %s see text of any length', (regex) => {
    expect(judgeRegex(regex)).toEqual({ maxText: 1e9 })
  })

  const slow: [RegExp, number][] = [
    [/\s+$/, 44_721],
    [/^.*,.*$/, 44_721],
    [/^(.*?),(.*?),(.*?)$/, 1_817],
    [/.*.*.*=/, 164],
  ]
  it.each(slow)('bounds the text for %s, which slows down with its length, to %i characters', (regex, maxText) => {
    expect(judgeRegex(regex)).toEqual({ maxText })
  })
})
