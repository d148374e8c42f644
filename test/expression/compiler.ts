import { compile } from '../../engine/expression/compile.ts'
import type { Subject } from './judge.ts'

/** Compiled expressions, with a bound on their time alone. */
export const COMPILER: Subject = { compile: (text) => compile(text, { limits: { time: 3000 } }) }
