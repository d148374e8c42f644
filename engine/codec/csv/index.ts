/** The grammar of CSV, for whoever reads or writes it. */

export { CSV_OPTIONS, type CsvOptions, csvCodec, csvFaults } from './codec.ts'
export { DIALECT_OPTIONS, type Dialect, dialectFaults } from './dialect.ts'
export { FieldPlaces } from './field-places.ts'
export { splitPlain, splitQuoted, splitRow } from './fields.ts'
export { type RowKind, RowScanner } from './scanner.ts'
