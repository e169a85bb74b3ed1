import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { bash, type Ground, lines, runningWith, spec } from './ground.ts'

/** What a stranger's code tries, and does not get. */
export function attackContract(ground: Ground): void {
  test('reads no file of the host', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quarry-secret-'))
    writeFileSync(path.join(folder, 'secret'), 'of the host', { mode: 0o644 })
    const script = `cat ${folder}/secret /etc/shadow /root/.bashrc; ls /root /home /mnt /srv /sys /boot ${folder}; ls /home`
    const { stdout } = await bash(ground, script)
    rmSync(folder, { recursive: true })
    expect(stdout.toString().replaceAll('/home:', '').split(/\s+/).filter(Boolean)).toEqual(['quarry', 'quarry'])
  })

  test('sees and signals no process of the host, and none of its variables', async () => {
    process.env.QUARRY_TEST_SECRET = 'of the host'
    const script = `ls /proc | grep -cE '^[0-9]+$'; kill -9 ${process.pid}; kill -0 ${process.ppid}; cat /proc/*/environ`
    const { stdout, stderr } = await bash(ground, script)
    expect(Number(lines(stdout)[0])).toBeLessThanOrEqual(5)
    expect(stdout.toString()).not.toContain('of the host')
    expect(stderr.toString().match(/No such process/g)).toHaveLength(2)
  })

  test('writes to no memory of the process that started it', async () => {
    const { stdout } = await bash(ground, '(echo x >/proc/1/mem) 2>/dev/null || echo kept out')
    expect(stdout.toString()).toBe('kept out\n')
  })

  test('reaches no server on the host, by port or by socket', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quarry-socket-'))
    let reached = 0
    const count = (server: Server) => server.on('connection', () => (reached += 1))
    const onPort = await listening(count(createServer()), { host: '127.0.0.1', port: 0 })
    const onFile = await listening(count(createServer()), { path: path.join(folder, 'socket') })
    const onName = await listening(count(createServer()), { path: `\0quarry-test-${process.pid}` })
    const address = onPort.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const program = `for (const at of [{ port: ${port}, host: '127.0.0.1' }, { path: '${folder}/socket' }, { path: '\\0quarry-test-${process.pid}' }])
      require('net').connect(at).on('error', (e) => console.log(e.code)).on('connect', () => console.log('reached'))`
    const mounts = [{ source: process.execPath, target: '/env/node', writable: false }]
    const { stdout } = await ground.sandbox().run(spec(['/env/node', '-e', program], { mounts }))
    for (const server of [onPort, onFile, onName]) server.close()
    rmSync(folder, { recursive: true })
    expect(lines(stdout).sort()).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ENOENT'])
    expect(reached).toBe(0)
  })

  test('writes nowhere but to its own folders', async () => {
    const places = '/ /usr /usr/bin /etc /dev /env /quarry /var /run /proc/sys/kernel/hostname /sys'
    const script = `for place in ${places}; do
      if touch $place/x 2>/dev/null || echo x 2>/dev/null >$place; then echo $place; fi; done
      echo 1 2>/dev/null >/proc/sys/net/ipv4/ip_forward || echo no sysctl
      echo c 2>/dev/null >/proc/sysrq-trigger || echo no sysrq`
    const { stdout } = await bash(ground, script)
    expect(lines(stdout)).toEqual(['no sysctl', 'no sysrq'])
  })

  test('mounts nothing and gets no namespace to do it in', async () => {
    const script = `mount -t tmpfs none /tmp; unshare --user --map-root-user true; unshare --mount true; umount /usr; chroot / true
      nsenter --target 1 --mount true; mount -o remount,rw /usr; mknod /tmp/disk b 8 0`
    const { stdout, stderr } = await bash(ground, `set -x; ${script}`)
    const complaints = lines(stderr).filter((line) => !line.startsWith('+ '))
    expect(stdout.toString()).toBe('')
    expect(
      complaints.filter((line) => /permi|denied|failed|not permitted|must be superuser/i.test(line)).length,
    ).toBeGreaterThanOrEqual(8)
  })

  test('becomes nobody else through a setuid program', async () => {
    const script = `cp /usr/bin/id ./id && chmod 6755 ./id && ./id -u
      setpriv --reuid 0 true 2>&1; echo root | su -c id 2>&1`
    const { stdout } = await bash(ground, script)
    expect(stdout.toString()).toMatch(/^1000\n/)
    expect(stdout.toString()).toMatch(/setresuid failed/)
    expect(stdout.toString()).not.toContain('uid=0')
  })

  test('inherits no descriptor beside the usual three', async () => {
    const { stdout } = await bash(ground, 'ls /proc/$$/fd; true')
    expect(lines(stdout).filter((fd) => fd !== '255')).toEqual(['0', '1', '2'])
  })

  test('leaves no daemon behind', async () => {
    const marked = `987${process.pid}`
    const daemon = `setsid sleep ${marked} >/dev/null 2>&1 </dev/null & (trap '' TERM HUP; sleep ${marked}) & exit 0`
    const result = await bash(ground, daemon)
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect(runningWith(marked)).toBe(false)
  })
}

async function listening(server: Server, at: { host: string; port: number } | { path: string }): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(at, resolve))
  return server
}
