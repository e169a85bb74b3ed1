import { defineConfig } from 'vitest/config'

/** `npm test`. Real git, Postgres, sandboxes and package managers take their time, hence the long limits. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', 'test/export/consumers/**', 'test/**/fixtures/**'],
    globalSetup: ['test/postgres.ts'],
    // Processes and not threads: native addons and `process.chdir` need them. Two, as most of the work is in children.
    pool: 'forks',
    // Each loads the sources once, as Node.js does, and not anew and transformed for each file: that was a third of all the work.
    isolate: false,
    experimental: { viteModuleRunner: false },
    execArgv: ['--import', './src/db/commonjs-drizzle.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
})
