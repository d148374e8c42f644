import { build } from 'rolldown'

/**
 * Bundles what users run and import into `folder`, and gives the paths of the modules in it: Node takes as long to load
 * four hundred small files as for all the rest of a start. One build for all entries, so that a plugin from outside
 * shares its modules with the command line.
 */
export async function bundle(folder: string): Promise<readonly string[]> {
  const { output } = await build({
    input: {
      streamrun: 'engine/cli/main.ts',
      index: 'engine/index.ts',
      plugin: 'engine/plugin.ts',
      expression: 'engine/expression/compile.ts',
      testing: 'test/contract/index.ts',
    },
    platform: 'node',
    // Large, and loaded only by what needs them.
    external: ['@faker-js/faker', 'kafkajs', 're2js', 'bowser', 'tail-file', 'vitest'],
    output: { dir: folder, cleanDir: true, chunkFileNames: 'chunks/[name]-[hash].js' },
  })
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
}
