import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { upperOf } from '../../../src/sandboxes/index.ts'
import { bash, type Ground, lines } from './ground.ts'

/** What stays after a command, and what does not. */
export function keepingContract(ground: Ground): void {
  test('keeps nothing between two runs without a scratch folder', async () => {
    const layer = await ground.folder({ 'a.txt': 'a' })
    await bash(ground, 'touch b.txt ~/c /tmp/d', { layers: [layer] })
    const { stdout } = await bash(ground, 'ls -A . ~ /tmp', { layers: [layer] })
    expect(lines(stdout)).toEqual(['.:', 'a.txt', '/home/quarry:', '/tmp:'])
    expect(readdirSync(layer)).toEqual(['a.txt'])
  })

  test('keeps what was written to /testbed in the scratch folder, for the next run and for the host', async () => {
    const layer = await ground.folder({ 'a.txt': 'a', 'old/b.txt': 'b' })
    const scratch = await ground.sandbox().scratch()
    const run = { layers: [layer], scratch }
    await bash(ground, 'echo more >>a.txt; mkdir new; echo n >new/n; rm -r old; touch ~/gone', run)
    const { stdout } = await bash(ground, 'cat a.txt new/n; ls -A . ~', run)
    expect(lines(stdout)).toEqual(['amore', 'n', '.:', 'a.txt', 'new', '/home/quarry:'])
    expect(readFileSync(path.join(upperOf(scratch), 'new/n'), 'utf8')).toBe('n\n')
    expect(lstatSync(path.join(upperOf(scratch), 'old')).isCharacterDevice()).toBe(true)
    await ground.sandbox().discard(scratch)
    expect(existsSync(scratch)).toBe(false)
  })

  test('discards a closed folder beside so many files that some are still being removed when it is met', async () => {
    const scratch = await ground.sandbox().scratch()
    const script = 'mkdir -p closed/in many; chmod 0 closed; touch many/{1..4000}'
    const { stderr, exitCode } = await bash(ground, script, { scratch })
    expect([stderr.toString(), exitCode]).toEqual(['', 0])
    await ground.sandbox().discard(scratch)
    expect(existsSync(scratch)).toBe(false)
  })

  test('discards whatever a command left: closed folders, long paths, links out', async () => {
    const outside = await ground.folder({ 'precious.txt': 'p' })
    const scratch = await ground.sandbox().scratch()
    const long = 'n'.repeat(250)
    const script = `mkdir -p closed/in && touch closed/in/f && chmod 0 closed/in closed
      ln -s ${JSON.stringify(outside)} link; ln -s /etc/passwd file
      for ((i = 0; i < 30; i++)); do mkdir ${long} && cd ${long}; done; touch deepest`
    const { stderr, exitCode } = await bash(ground, script, { scratch })
    expect([stderr.toString(), exitCode]).toEqual(['', 0])
    symlinkSync(outside, path.join(scratch, 'link'))
    await ground.sandbox().discard(scratch)
    expect(existsSync(scratch)).toBe(false)
    expect(readdirSync(outside)).toEqual(['precious.txt'])
  })

  test('discards nothing but its own scratch folders', async () => {
    const folder = await ground.folder({ 'a.txt': 'a' })
    await expect(ground.sandbox().discard(folder)).rejects.toMatchObject({ name: 'UserError' })
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })

  test('adopts a folder without following links out of it, nor a link in its place', async () => {
    const outside = await ground.folder({ 'theirs.txt': 't' })
    const before = lstatSync(path.join(outside, 'theirs.txt')).uid
    const folder = await ground.folder({ 'mine.txt': 'm' })
    symlinkSync(outside, path.join(folder, 'folder'))
    symlinkSync(path.join(outside, 'theirs.txt'), path.join(folder, 'file'))
    await ground.sandbox().adopt(folder)
    expect(lstatSync(path.join(outside, 'theirs.txt')).uid).toBe(before)
    await expect(ground.sandbox().adopt(path.join(folder, 'folder'))).rejects.toMatchObject({ name: 'UserError' })
    const { stdout } = await bash(ground, 'stat -c %u mine.txt; chmod 600 mine.txt && echo mine', { layers: [folder] })
    expect(lines(stdout)).toEqual(['1000', 'mine'])
  })

  test('leaves no mount behind, and no control group but the one of the next run', async () => {
    await bash(ground, 'true')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toMatch(/sandboxes\/[0-9a-f]{8}-/)
    const groups = execFileSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `quarry-*-${process.pid}-*`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const names = new Set(lines(groups).map((folder) => path.basename(folder)))
    expect(names.size).toBeLessThanOrEqual(1)
  })
}
