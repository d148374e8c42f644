/** A signal handler, a timer or a socket must not keep a finished process alive. */
export async function exitWith(code: Promise<number>): Promise<void> {
  process.exit(await code)
}
