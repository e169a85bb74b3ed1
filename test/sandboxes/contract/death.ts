import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { waitUntil } from '../../../src/sandboxes/processes.ts'
import type { SandboxOptions } from '../../../src/sandboxes/types.ts'
import { sandboxInOtherProcess } from '../other-process.ts'
import { bash, type Ground, limits, runningWith, spec } from './ground.ts'

/** Quarry killed at any instant: nothing stays that the next one does not put right. */
export function deathContract(ground: Ground, kind: string, options: SandboxOptions, user: number | null): void {
  test('dies with its process, and the next one sweeps up what it left', async () => {
    const marked = `654${process.pid}`
    const { sandbox, child } = sandboxInOtherProcess({ kind, options }, user)
    const scratch = await sandbox.scratch()
    const lost = sandbox.run(spec(['sh', '-c', `touch /tmp/x; setsid sleep ${marked} & sleep ${marked}`], { scratch }))
    const failed = expect(lost).rejects.toThrow()
    expect(await waitUntil(() => runningWith(marked), 20_000)).toBe(true)
    child.kill('SIGKILL')
    await failed
    expect(await waitUntil(() => !runningWith(marked), 10_000)).toBe(true)
    expect(existsSync(scratch)).toBe(true)
    const swept = await ground.sandbox().sweep()
    expect(swept.scratch).toBeGreaterThanOrEqual(2)
    expect(existsSync(path.dirname(scratch))).toBe(false)
    expect(await ground.sandbox().sweep()).toEqual({ processes: 0, cgroups: 0, scratch: 0 })
  })

  test('leaves what living processes use when it sweeps', async () => {
    const scratch = await ground.sandbox().scratch()
    await bash(ground, 'touch kept', { scratch })
    await ground.sandbox().sweep()
    expect(readdirSync(path.join(scratch, 'upper'))).toEqual(['kept'])
    await ground.sandbox().discard(scratch)
  })

  test('runs side by side without meeting', async () => {
    const runs = Array.from({ length: 6 }, async (_, index) =>
      bash(ground, `echo ${index} >x; sleep 0.2; cat x; ls ~ /tmp | wc -l`),
    )
    const outputs = (await Promise.all(runs)).map(({ stdout }) => stdout.toString().split('\n')[0])
    expect(outputs).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  test('says what the machine has for it', async () => {
    const findings = await ground.sandbox().inspect()
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(findings.length).toBeGreaterThan(3)
  })

  test('keeps its limits over an inherited environment of its own', async () => {
    const { stdout } = await bash(ground, 'ulimit -c; ulimit -n', { limits: { ...limits, fileMiB: 16 } })
    expect(stdout.toString()).toMatch(/^0\n\d+\n$/)
  })
}
