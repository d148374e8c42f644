import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The licences of the packages that `modules` belong to, as they ask wherever a copy of them goes. */
export async function licensesOf(modules: readonly string[]): Promise<string> {
  const texts = await Promise.all(packagesOf(modules).map(licenseOf))
  return `The files in this folder hold copies of these packages.\n${texts.join('')}`
}

/** Their folders, in the order of their names. */
function packagesOf(modules: readonly string[]): readonly string[] {
  const folders = modules.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`the package ${name} has no file with its license`)
  const text = await readFile(join(folder, file), 'utf8')
  return `\n${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`
}
