import { type Case, nothing } from './case.ts'

const NOON = 1_521_801_216_617

export const $fromMillis: readonly Case[] = [
  {
    promise: 'ISO 8601 without a picture',
    expression: '$fromMillis(n)',
    input: { n: NOON },
    gives: '2018-03-23T10:33:36.617Z',
  },
  {
    promise: 'pictures',
    expression:
      '[$fromMillis(n, "[Y0001]-[M01]-[D01]"), $fromMillis(n, "[H01]:[m01]:[s01].[f001]"), $fromMillis(n, "[h#1]:[m01][P]")]',
    input: { n: NOON },
    gives: ['2018-03-23', '10:33:36.617', '10:33am'],
  },
  {
    promise: 'names and ordinals',
    expression: '$fromMillis(n, "[FNn], [D1o] [MNn] [Y]")',
    input: { n: NOON },
    gives: 'Friday, 23rd March 2018',
  },
  { promise: 'short names', expression: '$fromMillis(n, "[FNn,3-3] [MN,3-3]")', input: { n: NOON }, gives: 'Fri MAR' },
  {
    promise: 'words and Roman numerals',
    expression: '$fromMillis(n, "[Dwo] [YI]")',
    input: { n: NOON },
    gives: 'twenty-third MMXVIII',
  },
  {
    promise: 'weeks and days of the year',
    expression: '$fromMillis(n, "[X0001]-W[W01]-[F1], [d]")',
    input: { n: NOON },
    gives: '2018-W12-5, 82',
  },
  {
    promise: 'another zone',
    expression: '[$fromMillis(n, "[H01]:[m01] [z]", "-0500"), $fromMillis(n, "[H01]:[m01][Z]", "+0530")]',
    input: { n: NOON },
    gives: ['05:33 GMT-05:00', '16:03+05:30'],
  },
  {
    promise: 'brackets in a picture are doubled',
    expression: '$fromMillis(n, "[[[Y]]]")',
    input: { n: NOON },
    gives: '[2018]',
  },
  { promise: 'of nothing', expression: '$fromMillis(a)', input: {}, gives: nothing },
  { promise: 'an unknown part of a picture', expression: '$fromMillis(0, "[q]")', fails: 'D3132' },
  { promise: 'a year has no name', expression: '$fromMillis(0, "[YN]")', fails: 'D3133' },
  { promise: 'a part must be closed', expression: '$fromMillis(0, "[Y")', fails: 'D3135' },
]

export const $toMillis: readonly Case[] = [
  {
    promise: 'ISO 8601 without a picture',
    expression:
      '[$toMillis("2018-03-23T10:33:36.617Z"), $toMillis("1970-01-01"), $toMillis("1970-01-01T00:00:00.000+01:00")]',
    gives: [NOON, 0, -3_600_000],
  },
  {
    promise: 'pictures',
    expression:
      '[$toMillis("23/03/2018 10:33", "[D01]/[M01]/[Y0001] [H01]:[m01]"), $toMillis("3rd March 2020", "[D1o] [MNn] [Y]")]',
    gives: [1_521_801_180_000, 1_583_193_600_000],
  },
  {
    promise: 'noon and midnight of twelve hours',
    expression:
      '[$toMillis("1970-01-01 12am", "[Y]-[M01]-[D01] [h][P]"), $toMillis("1970-01-01 12pm", "[Y]-[M01]-[D01] [h][P]")]',
    gives: [0, 43_200_000],
  },
  { promise: 'a text that does not fit its picture is nothing', expression: '$toMillis("x", "[Y]")', gives: nothing },
  { promise: 'a text that is no ISO 8601', expression: '$toMillis("yesterday")', fails: 'D3110' },
  { promise: 'a picture that leaves gaps', expression: '$toMillis("2018-23", "[Y]-[D]")', fails: 'D3136' },
]
