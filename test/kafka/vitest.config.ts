import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** `npm run test:kafka`: against Apache Kafka itself. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: {
    include: ['test/kafka/**/*.test.ts'],
    globalSetup: 'test/kafka/setup.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // As in vitest.config.ts.
    retry: process.env.CI ? 1 : 0,
    // Two cores, and two brokers on them.
    maxWorkers: 2,
  },
})
