import { defineConfig } from 'vitest/config'

/** `npm run soak`: what takes minutes (kills at random instants, wide matrices, real repositories). One file at a time. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts', 'test/export/consumers/**/*.test.ts'],
    globalSetup: ['test/postgres.ts', 'test/downloads.ts'],
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', './src/db/commonjs-drizzle.ts'],
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
  },
})
