import { spoolSink } from './sink.js'
import { spoolSource } from './source.js'

/** A package may hold any number of plugins: its default export is one, or a list of them. */
export default [spoolSource, spoolSink]
