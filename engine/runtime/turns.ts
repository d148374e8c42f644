import type { Turn } from '../plugin.ts'

/** Gives out turns: each comes when all before it have passed. */
export function makeTurns(): () => Turn {
  let before: Promise<unknown> = Promise.resolve()
  return () => {
    const mine = before.then(() => {})
    let pass = () => {}
    const passed = new Promise<void>((resolve) => {
      pass = resolve
    })
    before = Promise.all([mine, passed])
    return { mine, pass }
  }
}
