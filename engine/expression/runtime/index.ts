/** Everything that compiled code calls. */
export {
  apply,
  argument,
  arityOf,
  call,
  Lambda,
  settled,
  TailCall,
  tailProcedure,
} from './apply.ts'
export { copyOf } from './copy.ts'
export { called, calledDirectly, calledLast, fail, overflowed, placed } from './failure.ts'
export { checkKey, group, groupInto, orderBy } from './group.ts'
export { arithmetic, equal, includes, negate, order, range, unequal } from './operators.ts'
export { HOLE, partial } from './partial.ts'
export {
  addTo,
  append,
  asKept,
  asList,
  asWritten,
  descendants,
  filter,
  finishKept,
  finishList,
  itemAt,
  lastArray,
  lookup,
  namePath,
  namesStep,
  restOfNames,
  timesKept,
  wildcard,
  withoutHoles,
} from './paths.ts'
export { matcher } from './regex.ts'
export { concat } from './strings.ts'
export { transform } from './transform.ts'
export { tuplePath } from './tuples.ts'
export {
  bare,
  isTruthy,
  sequenceOf,
  setField,
  unwrapKept,
  unwrapSequence,
  wrapInput,
} from './values.ts'
