// Preloaded into a streamrun process by tests: faults of the disk, and real kills, at chosen calls (RELIABILITY 4.4).
//
//   KILL_AT=n [KILL_WHEN=before]   SIGKILL after (or before) the n-th call that changes the disk
//   COUNT_TO=file                  how many such calls there were, written at the end
//   FAIL_EVERY=n FAIL_UNDER=path   of n writes below the path the first takes half of its bytes and then says ENOSPC
//   FULL_UNDER=path FULL_WHILE=file   so does every write below the path, as long as the file exists
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { resolve } from 'node:path'

const { KILL_AT, KILL_WHEN, COUNT_TO, FAIL_EVERY, FAIL_UNDER, FULL_UNDER, FULL_WHILE } = process.env
const killAt = Number(KILL_AT ?? Number.POSITIVE_INFINITY)
const paths = new Map()
let calls = 0
let writes = 0

const die = () => process.kill(process.pid, 'SIGKILL')

for (const name of ['writev', 'fdatasync', 'fsync', 'ftruncate']) {
  const original = fs[name]
  fs[name] = (...args) => {
    calls += 1
    if (calls === killAt && KILL_WHEN === 'before') return die()
    if (calls === killAt) args[args.length - 1] = die
    return original(...args)
  }
}

for (const name of ['mkdir', 'rename', 'unlink']) {
  const original = promises[name]
  promises[name] = async (...args) => {
    calls += 1
    const last = calls === killAt
    if (last && KILL_WHEN === 'before') die()
    const result = await original(...args)
    if (last) die()
    return result
  }
}

const { open, writev, writeSync } = fs

fs.open = (path, flags, mode, done) =>
  open(path, flags, mode, (error, descriptor) => {
    if (descriptor !== undefined) paths.set(descriptor, resolve(String(path)))
    done(error, descriptor)
  })

fs.writev = (descriptor, chunks, position, done) => {
  if (!failsNow(descriptor) && !isFull(descriptor)) return writev(descriptor, chunks, position, done)
  const bytes = Buffer.concat(chunks)
  writeSync(descriptor, bytes, 0, bytes.length >> 1, position)
  const error = Object.assign(new Error('ENOSPC: no space left on device, writev'), { code: 'ENOSPC' })
  return process.nextTick(() => done(error))
}

function failsNow(descriptor) {
  if (FAIL_EVERY === undefined || !isBelow(FAIL_UNDER, descriptor)) return false
  return writes++ % Number(FAIL_EVERY) === 0
}

function isFull(descriptor) {
  return FULL_WHILE !== undefined && fs.existsSync(FULL_WHILE) && isBelow(FULL_UNDER, descriptor)
}

function isBelow(path, descriptor) {
  return paths.get(descriptor)?.startsWith(resolve(path)) ?? false
}

syncBuiltinESMExports()

if (COUNT_TO) process.on('exit', () => fs.writeFileSync(COUNT_TO, String(calls)))
