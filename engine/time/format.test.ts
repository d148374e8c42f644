import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIRECTIVES, SHORTHANDS } from './directives.ts'
import { compileTimeFormat, TIME_FORMATS, TimeFormatError } from './format.ts'

const BEGIN_MS = Date.UTC(-1000, 0)
const END_MS = Date.UTC(9999, 11, 31)
const times = fc.integer({ min: BEGIN_MS, max: END_MS })

function read(format: string, value: string | number, zone?: string): string | undefined {
  const time = compileTimeFormat(format, zone).parse(value)
  return time === undefined ? undefined : new Date(time).toISOString()
}

describe('a time format', () => {
  it.each(TIME_FORMATS)('reads back every time that it has written: %s', (name) => {
    const format = compileTimeFormat(name)
    fc.assert(
      fc.property(times, (time) => {
        expect(format.parse(format.print(time))).toBe(time)
      }),
    )
  })

  const whole = [
    '%Y-%m-%d %H:%M:%S.%L',
    '%Y%m%d%H%M%S%f',
    '%j/%Y %T,%L %z',
    '%A, %e. %B %Y %I:%M:%S.%f %p %:z',
    '%s.%L',
  ]
  it.each(whole)('reads back every time that a pattern has written: %s', (pattern) => {
    for (const zone of ['UTC', 'Asia/Kathmandu', '-03:30']) {
      const format = compileTimeFormat(pattern, zone)
      fc.assert(
        fc.property(times, (time) => {
          expect(format.parse(format.print(time))).toBe(time)
        }),
      )
    }
  })

  it('reads bytes as it reads the text that they are, or leaves them to it', () => {
    const texts = fc.oneof(
      times.map((time) => compileTimeFormat('iso', 'Asia/Kathmandu').print(time)),
      times.map((time) => compileTimeFormat('iso').print(time)),
      fc.stringMatching(/^2[0-4]2[0-9]-0[0-3]-[23][0-9]T[0-2][0-9]:[0-6]0:[0-6]0\.00[0-9x]Z$/),
      fc.stringMatching(/^[+-]?\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?$/),
      fc.stringMatching(/^[-+0-9TZ:.é]{0,30}$/),
    )
    for (const { parse, parseBytes } of ['UTC', 'Europe/Berlin'].map((zone) => compileTimeFormat('iso', zone))) {
      fc.assert(
        fc.property(texts, (text) => {
          const data = Buffer.from(`"${text}"2`)
          expect(parseBytes?.(data, 1, data.length - 2)).toBe(parse(text))
        }),
        { numRuns: 500 },
      )
    }
  })

  it('never throws on a value, whatever it is', () => {
    const formats = [...TIME_FORMATS, ...whole, '%y%-m%-d %b %a'].map((name) =>
      compileTimeFormat(name, 'Europe/Berlin'),
    )
    const texts = fc.stringMatching(/^[-+0-9TZ:., ]{0,30}$/)
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), texts, fc.double()), (value) => {
        for (const format of formats) {
          const time = format.parse(value as never)
          if (time !== undefined) expect(new Date(time).getTime()).toBe(time)
        }
      }),
      { examples: [[-0]] },
    )
  })

  it('says what is wrong with it, and where', () => {
    const fault = (format: string, zone?: string) => {
      try {
        compileTimeFormat(format, zone)
      } catch (error) {
        return error instanceof TimeFormatError ? [error.part, error.position, error.message] : error
      }
      return undefined
    }
    expect(fault('ISO')).toEqual([
      'format',
      0,
      expect.stringContaining('there is no format "ISO": write iso, epoch_s,'),
    ])
    expect(fault('%Y-%Q')).toEqual(['format', 3, expect.stringContaining('there is no %Q: write %% for')])
    expect(fault('%Y %')).toEqual(['format', 3, expect.stringContaining('there is no %: ')])
    expect(fault('%Y %Z')).toEqual(['format', 3, expect.stringContaining('there is no %Z: names such as CST')])
    expect(fault('iso', 'Europe/Berlim')).toEqual(['zone', 0, 'there is no time zone "Europe/Berlim"'])
    expect(fault('iso', '+5')).toEqual(['zone', 0, 'there is no time zone "+5"'])
  })

  it.each([
    ['%H:%M', 'it names no year'],
    ['%Y-%m', 'it names no day'],
    ['%Y-%j-%d', 'it names the day twice'],
    ['%F %H %I %p', 'it names the hour twice'],
    ['%F %I', '%I and %p belong together'],
    ['%F %Y', 'it names a part of the time twice'],
    ['%s %H', 'beside %s it names other parts of the time'],
  ])('that does not name one whole time can be written with, and says why it cannot be read: %s', (pattern, reason) => {
    const format = compileTimeFormat(pattern)
    expect(format.unreadable).toBe(reason)
    expect(format.parse(format.print(0))).toBeUndefined()
  })

  it('refuses to write what is no time', () => {
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) {
      expect(() => compileTimeFormat('iso').print(none)).toThrow(RangeError)
    }
  })
})

describe('the format iso', () => {
  it('reads what Date reads, for every text with date, time and offset', () => {
    const iso = compileTimeFormat('iso', 'America/New_York')
    const offsets = fc.constantFrom('Z', '+00:00', '-00:00', '+05:45', '-11:30', '+23:59')
    fc.assert(
      fc.property(times, offsets, fc.constantFrom(16, 19, 23), (time, offset, cut) => {
        const whole = new Date(time).toISOString().slice(0, -1)
        const text = whole.slice(0, cut + whole.length - 23) + offset
        expect(iso.parse(text)).toBe(Date.parse(text))
      }),
    )
  })

  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-02-29 12:30', '2024-02-29T12:30:00.000Z'],
    ['2024-02-29t12:30:15z', '2024-02-29T12:30:15.000Z'],
    ['2024-02-29T12:30:15,123456789+0200', '2024-02-29T10:30:15.123Z'],
    ['2024-02-29T12:30:15.1-03', '2024-02-29T15:30:15.100Z'],
    ['2024-02-29T24:00:00', '2024-03-01T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['-000001-12-31', '-000001-12-31T00:00:00.000Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
  ])('reads %s', (text, time) => expect(read('iso', text)).toBe(time))

  it.each([
    '',
    '2024',
    '2024-02',
    '20240229',
    '2024-2-29',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2024-02-29T',
    '2024-02-29Z',
    '2024-02-29T12',
    '2024-02-29T12:60',
    '2024-02-29T24:01',
    '2024-02-29T24:00:00.001',
    '2024-02-29T12:30:61',
    '2024-02-29T12:30:15.',
    '2024-02-29T12:30.5',
    '2024-02-29T12:30:15+24:00',
    '2024-02-29T12:30:15+05:60',
    '2024-02-29T12:30:15+5',
    '2024-02-29T12:30:15+05:',
    '2024-02-29T12:30:15Z ',
    ' 2024-02-29',
    '-000000-01-01',
    '+99999-01-01',
    '+275760-09-14',
    'Feb 29, 2024',
    '٢٠٢٤-02-29',
  ])('takes no time from "%s"', (text) => expect(read('iso', text)).toBeUndefined())

  it('takes no number for a time', () => expect(read('iso', 2024)).toBeUndefined())

  it('reads what has no offset in the zone, and writes in it', () => {
    expect(read('iso', '2024-07-01T12:00:00', 'Europe/Berlin')).toBe('2024-07-01T10:00:00.000Z')
    expect(read('iso', '2024-07-01', 'Asia/Kolkata')).toBe('2024-06-30T18:30:00.000Z')
    expect(compileTimeFormat('iso', 'Europe/Berlin').print(Date.UTC(2024, 6, 1))).toBe('2024-07-01T02:00:00.000+02:00')
  })
})

describe('the epoch formats', () => {
  it.each([
    ['epoch_s', 1_700_000_000, 1_700_000_000_000],
    ['epoch_s', 1_700_000_000.123, 1_700_000_000_123],
    ['epoch_s', '1700000000.123999', 1_700_000_000_123],
    ['epoch_s', '-0.0001', -1],
    ['epoch_s', -1.5, -1500],
    ['epoch_s', -1e-7, -1],
    ['epoch_s', '0012', 12_000],
    ['epoch_ms', 1_700_000_000_123.9, 1_700_000_000_123],
    ['epoch_ms', -0.5, -1],
    ['epoch_us', 1_700_000_000_123_999, 1_700_000_000_123],
    ['epoch_us', -1, -1],
    ['epoch_us', -1000, -1],
    ['epoch_us', -1001, -2],
    ['epoch_us', '-1001', -2],
    ['epoch_ns', 1_700_000_000_123_000_000, 1_700_000_000_123],
    ['epoch_ns', '1700000000122999999', 1_700_000_000_122],
    ['epoch_ns', '-1', -1],
    ['epoch_ns', '0', 0],
  ])('read %s %s downwards to the millisecond', (format, value, time) =>
    expect(compileTimeFormat(format).parse(value)).toBe(time),
  )

  it.each(['', ' 1', '1 ', '1.', '.5', '1e3', '0x10', '1,5', 'NaN', null, true, [1], 1e300])(
    'take no time from %j',
    (value) => {
      for (const unit of ['epoch_s', 'epoch_ms', 'epoch_us', 'epoch_ns'])
        expect(compileTimeFormat(unit).parse(value)).toBeUndefined()
    },
  )

  it('read every whole number exactly downwards, as number and as text', () => {
    const numbers = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
    const floor = (count: number, unit: bigint) => {
      const big = BigInt(count)
      const quotient = big / unit
      return Number(big % unit < 0n ? quotient - 1n : quotient)
    }
    fc.assert(
      fc.property(numbers, (count) => {
        for (const [name, unit] of [['epoch_us', 1000n] as const, ['epoch_ns', 1_000_000n] as const]) {
          const format = compileTimeFormat(name)
          expect(format.parse(count)).toBe(floor(count, unit))
          expect(format.parse(String(count))).toBe(floor(count, unit))
        }
      }),
    )
  })
})

describe('a pattern', () => {
  const time = Date.UTC(2024, 2, 5, 17, 4, 9, 87)
  it.each([
    ['%Y %y %-m %m %b %B %-d %d %e %j', '2024 24 3 03 Mar March 5 05  5 065'],
    ['%a %A %H %-H %I %-I %p %M %S %L %f', 'Tue Tuesday 17 17 05 5 PM 04 09 087 087000'],
    ['%z %:z %s %% %F %T %R %D %h', '+0000 +00:00 1709658249 % 2024-03-05 17:04:09 17:04 03/05/24 Mar'],
  ])('writes %s', (pattern, text) => expect(compileTimeFormat(pattern).print(time)).toBe(text))

  it('has a test above for every directive', () => {
    const tested = '%Y %y %-m %m %b %B %-d %d %e %j %a %A %H %-H %I %-I %p %M %S %L %f %z %:z %s %F %T %R %D %h'
    const known = [...Object.keys(DIRECTIVES), ...Object.keys(SHORTHANDS)]
    expect(tested.split(' ').sort()).toEqual(known.map((name) => `%${name}`).sort())
  })

  it.each([
    ['%d/%b/%Y:%H:%M:%S %z', '05/Mar/2024:18:04:09 +0100', '2024-03-05T17:04:09.000Z'],
    ['%a, %d %b %Y %T GMT', 'Tue, 05 Mar 2024 17:04:09 GMT', '2024-03-05T17:04:09.000Z'],
    ['%F %T,%f', '2024-03-05 17:04:09,0879', '2024-03-05T17:04:09.087Z'],
    ['%-m/%-d/%Y %-I:%M %p', '3/5/2024 5:04 pm', '2024-03-05T17:04:00.000Z'],
    ['%b %e %Y', 'MAR  5 2024', '2024-03-05T00:00:00.000Z'],
    ['%b %e %Y', 'mar 15 2024', '2024-03-15T00:00:00.000Z'],
    ['%B %Y %d', 'may 2024 01', '2024-05-01T00:00:00.000Z'],
    ['%D', '12/31/68', '2068-12-31T00:00:00.000Z'],
    ['%D', '12/31/69', '1969-12-31T00:00:00.000Z'],
    ['%Y-%j', '2024-366', '2024-12-31T00:00:00.000Z'],
    ['%F %I %p', '2024-03-05 12 AM', '2024-03-05T00:00:00.000Z'],
    ['%F %I %p', '2024-03-05 12 PM', '2024-03-05T12:00:00.000Z'],
    ['%s.%L', '-1.500', '1969-12-31T23:59:59.500Z'],
  ])('%s reads "%s"', (pattern, text, expected) => expect(read(pattern, text)).toBe(expected))

  it('reads a JSON number by its digits', () => expect(read('%Y%m%d', 20240305)).toBe('2024-03-05T00:00:00.000Z'))

  it.each([
    ['%F', '2024-3-05'],
    ['%F', '2023-02-29'],
    ['%F', '2024-03-05 '],
    ['%F', 'x2024-03-05'],
    ['%F %T', '2024-03-05  17:04:09'],
    ['%F %T', '2024-03-05 24:00:00'],
    ['%a %F', 'Mon 2024-03-05'],
    ['%F %I %p', '2024-03-05 00 AM'],
    ['%F %I %p', '2024-03-05 13 PM'],
    ['%Y-%j', '2023-366'],
    ['%Y-%j', '2023-000'],
    ['%b %d %Y', 'Mrz 05 2024'],
    ['%B %d %Y', 'Mar 05 2024'],
    ['%F %z', '2024-03-05 CET'],
    ['%Y%m%d', '-2024'],
  ])('%s takes no time from "%s"', (pattern, text) => expect(read(pattern, text)).toBeUndefined())
})
