import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { awkwardName, bash, type Ground, lines, spec } from './ground.ts'

/** What a command finds inside. */
export function viewContract(ground: Ground): void {
  test('is uid 1000 with no capability and no way to get one', async () => {
    const { stdout } = await bash(ground, 'id -u; id -g; id -un; grep -E "^(Cap|NoNewPrivs)" /proc/self/status')
    const [uid, gid, name, ...status] = lines(stdout)
    expect([uid, gid, name]).toEqual(['1000', '1000', 'quarry'])
    const found = status.map((line) => line.split('\t').slice(0, 2).join(' '))
    const none = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}: 0000000000000000`)
    expect(found.sort()).toEqual([...none, 'NoNewPrivs: 1'].sort())
  })

  test('has the variables it was given and the fixed ones, and none of the host', async () => {
    process.env.QUARRY_TEST_SECRET = 'of the host'
    const { stdout } = await bash(ground, 'env | sort', { variables: { GIVEN: 'a b\n', TZ: 'Asia/Tokyo' } })
    const names = lines(stdout).map((line) => line.split('=')[0])
    expect(names).toEqual(
      ['GIVEN', 'HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'SHLVL', 'TMPDIR', 'TZ', 'USER', '_'].sort(),
    )
    expect(stdout.toString()).toContain('TZ=Asia/Tokyo')
  })

  test('has an empty home and an empty /tmp that can be written to', async () => {
    const script = 'ls -A ~ /tmp | grep -c .; pwd; touch ~/a /tmp/b /var/tmp/c && ls -A ~ /tmp; cd; pwd'
    const { stdout } = await bash(ground, script)
    expect(lines(stdout)).toEqual(['2', '/testbed', '/home/quarry:', 'a', '/tmp:', 'b', 'c', '/home/quarry'])
  })

  test('starts in the directory asked for', async () => {
    const layer = await ground.folder({ 'packages/one/index.js': '' })
    const { stdout } = await bash(ground, 'pwd; echo $PWD', { layers: [layer], directory: 'packages/one' })
    expect(lines(stdout)).toEqual(['/testbed/packages/one', '/testbed/packages/one'])
  })

  test('sees the topmost layer of each file, and can change all of them', async () => {
    const top = await ground.folder({ 'a.txt': 'top' })
    const bottom = await ground.folder({ 'a.txt': 'bottom', 'b/c.txt': 'bottom' })
    const script = 'cat a.txt b/c.txt; echo new >b/c.txt; rm a.txt; echo x >b/d.txt; ls -A . b'
    const { stdout, stderr } = await bash(ground, script, { layers: [top, bottom] })
    expect(stderr.toString()).toBe('')
    expect(stdout.toString()).toBe('topbottom.:\nb\n\nb:\nc.txt\nd.txt\n')
    expect(readFileSync(path.join(top, 'a.txt'), 'utf8')).toBe('top')
    expect(readFileSync(path.join(bottom, 'b/c.txt'), 'utf8')).toBe('bottom')
  })

  test('has mounts below /env and /quarry, read-only unless said otherwise', async () => {
    const tool = await ground.folder({ 'bin/tool': '#!/bin/sh\necho works\n' })
    const report = await ground.folder({})
    const mounts = [
      { source: tool, target: '/env/tool', writable: false },
      { source: report, target: `/quarry/report ${awkwardName}`, writable: true },
    ]
    const script = 'sh /env/tool/bin/tool; touch /env/tool/x; cd /quarry/report*; echo kept >file'
    const { stdout, stderr } = await bash(ground, script, { mounts })
    expect(stdout.toString()).toBe('works\n')
    expect(stderr.toString()).toContain('Read-only file system')
    expect(readFileSync(path.join(report, 'file'), 'utf8')).toBe('kept\n')
  })

  test('reaches itself as localhost, on IPv4 and by the fixed host name', async () => {
    const script = 'hostname; getent ahosts localhost; getent ahosts sandbox; cat /proc/net/fib_trie'
    const { stdout } = await bash(ground, script)
    const [name, ...found] = lines(stdout).map((line) => line.trim().split(/\s+/)[0])
    expect(name).toBe('sandbox')
    expect(found).toEqual(expect.arrayContaining(['127.0.0.1', '::1', '|--']))
  })

  test('has a loopback that is up', async () => {
    const script = `const server = require('net').createServer().listen(0, '::', () => {
      for (const host of ['127.0.0.1', '::1', 'localhost', 'sandbox'])
        require('net').connect(server.address().port, host).on('connect', function () { console.log(host); this.destroy() })
    }); setTimeout(() => process.exit(), 300)`
    const mounts = [{ source: process.execPath, target: '/env/node', writable: false }]
    const { stdout } = await ground.sandbox().run(spec(['/env/node', '-e', script], { mounts }))
    expect(lines(stdout).sort()).toEqual(['127.0.0.1', '::1', 'localhost', 'sandbox'])
  })

  test('gives the exit code, the signal and both outputs of the command', async () => {
    const exited = await bash(ground, 'echo out; echo err >&2; exit 7')
    expect(exited).toMatchObject({ ended: 'exited', exitCode: 7, signal: null, outputCut: false })
    expect([exited.stdout.toString(), exited.stderr.toString()]).toEqual(['out\n', 'err\n'])
    expect(await bash(ground, 'kill -SEGV $$')).toMatchObject({ ended: 'exited', exitCode: 139, signal: 'SIGSEGV' })
  })

  test('lets its outputs be opened again by name', async () => {
    const { stdout, stderr } = await bash(ground, 'echo one >/dev/stdout; echo two | tee /dev/stderr >/proc/self/fd/1')
    expect([stdout.toString(), stderr.toString()]).toEqual(['one\ntwo\n', 'two\n'])
  })

  test('takes a missing program or directory for the command failing', async () => {
    expect(await ground.sandbox().run(spec(['no-such-program']))).toMatchObject({ ended: 'exited', exitCode: 127 })
    const lost = await ground.sandbox().run(spec(['true'], { directory: 'no/such' }))
    expect(lost).toMatchObject({ ended: 'exited' })
    expect(lost.exitCode).not.toBe(0)
  })

  test('faults where it could not start for want of a mount', async () => {
    const mounts = [{ source: '/no/such/folder', target: '/env/x', writable: false }]
    await expect(bash(ground, 'true', { mounts })).rejects.toMatchObject({ name: 'Fault' })
  })
}
