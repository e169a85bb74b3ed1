import { createBubblewrap } from './src/sandboxes/bubblewrap.ts'
const [folder = '', ...argv] = process.argv.slice(2)
const home = '/tmp/w/home-java'
const sandbox = createBubblewrap({ home, node: process.execPath })
const scratch = await sandbox.scratch()
const { readdirSync } = await import('node:fs')
const maven = readdirSync(`${home}/toolchains`).find((n) => n.startsWith('maven-3.9'))
const result = await sandbox.run({
  layers: [folder], scratch,
  mounts: [{ source: process.env.JDK ?? '/usr/lib/jvm/java-17-openjdk-amd64', target: '/env/java', writable: false }, { source: `${home}/toolchains/${maven}`, target: '/env/maven', writable: false }],
  argv, directory: '.', variables: { JAVA_HOME: '/env/java', PATH: '/env/maven/bin:/env/java/bin:/usr/bin:/bin', MAVEN_OPTS: process.env.MO ?? '-Xmx1g' },
  limits: { seconds: 300, memoryMiB: 4096, processes: 1024, fileMiB: 1024, diskMiB: 8192, outputMiB: 8, cores: [] }, gateway: null,
})
console.log(result.ended, result.exitCode, result.seconds)
process.stdout.write(result.stdout); process.stderr.write(result.stderr)
await sandbox.discard(scratch); await sandbox.close()
