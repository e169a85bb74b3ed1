/**
 * `npm run check`: every check that needs no test run, all of them even where one fails, and a line for each. With
 * `--json FILE` the counts go there, too (for .ci/run).
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const checks = [
  { name: 'format and lint', argv: ['biome', 'ci', '--max-diagnostics=200'] },
  { name: 'types', argv: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'dead code', argv: ['knip', '--no-progress'] },
  { name: 'migrations', argv: ['drizzle-kit', 'check'] },
]

/** Through env, which looks the program up anew: npm put the pinned Node.js first on the PATH. */
function passes({ argv }) {
  return spawnSync('/usr/bin/env', argv, { cwd: root, stdio: ['ignore', 1, 2] }).status === 0
}

const results = checks.map((check) => {
  process.stdout.write(`\n── ${check.name}: ${check.argv.join(' ')}\n`)
  return { name: check.name, passed: passes(check) }
})
const failed = results.filter((result) => !result.passed).length
process.stdout.write('\n')
for (const { name, passed } of results) process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}\n`)
const file = process.argv[process.argv.indexOf('--json') + 1]
if (process.argv.includes('--json') && file) {
  writeFileSync(file, JSON.stringify({ passed: results.length - failed, failed }))
}
process.exitCode = failed === 0 ? 0 : 1
