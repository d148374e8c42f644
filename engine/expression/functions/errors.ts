/**
 * What our own functions throw, in the manner of the package: a code that stays, and beside it the place and the name of
 * the function, which whoever calls it adds. Never the data (J-7). Types are checked by the signatures, as those of
 * JSONata's own functions: T0410, T0411, T0412.
 */
export class FunctionError extends Error {
  readonly code: keyof typeof FUNCTION_ERRORS

  constructor(code: keyof typeof FUNCTION_ERRORS) {
    super(FUNCTION_ERRORS[code])
    this.name = 'FunctionError'
    this.code = code
  }
}

/** The codes beyond those of JSONata. */
export const FUNCTION_ERRORS = {
  T0412: 'an array argument has items of a type that the function does not take',
  D4001: 'a percentage is not from 0 to 100',
  D4002: 'a count is not a whole number from 0 on',
  D4003: 'there is no such hash algorithm',
  D4004: 'there is no such time format or time zone',
  D4005: 'no time: it is not finite, or too far away',
  D4006: 'a network is not written as address/length',
  D4007: 'there is no such table',
  D4008: 'a mask is not one character',
} as const
