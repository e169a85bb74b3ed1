import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/** `npm test`. Real git, Postgres, sandboxes and package managers take their time, hence the long limits. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', 'test/export/consumers/**', 'test/**/fixtures/**'],
    globalSetup: ['test/postgres.ts', 'test/downloads.ts'],
    // Processes and not threads: native addons and `process.chdir` need them.
    pool: 'forks',
    // Each loads the sources once, as Node.js does: loading and transforming them anew for each file was a third of the work of those
    // that start no programs. So a file leaves nothing behind: no variable, folder or state of a module.
    isolate: false,
    experimental: { viteModuleRunner: false },
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', './src/db/commonjs-drizzle.ts'],
    // Most of the work is in children, and some of the time is waiting: two of them keep one core busy, or a little more.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
})
