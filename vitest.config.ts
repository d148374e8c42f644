import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['engine/**/*.test.ts', 'plugins/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    // Needs Java: `npm run test:kafka`.
    exclude: [...configDefaults.exclude, 'test/kafka/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more try where nobody watches: real processes and disks on a loaded machine. The report names what needed it.
    retry: process.env.CI ? 1 : 0,
  },
})
