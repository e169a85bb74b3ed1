import { createServer, type Server } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { GATEWAY_PORT } from '../../../src/sandboxes/index.ts'
import { bash, type Ground, lines } from './ground.ts'

/** The one door of an install. */
export function gatewayContract(ground: Ground): void {
  test('opens the gateway, before the command starts, and nothing else', async () => {
    const socket = path.join(await ground.folder({}), 'gateway.sock')
    const server = await echo(socket)
    const script = `exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}; echo hello >&3; head -1 <&3
      (exec 4<>/dev/tcp/127.0.0.1/1) 2>/dev/null || echo nothing else
      echo $GIVEN $NODE_OPTIONS; exit 9`
    const variables = { GIVEN: 'variable', NODE_OPTIONS: '--no-such-option' }
    const result = await bash(ground, script, { gateway: socket, variables })
    server.close()
    expect(result.stderr.toString()).toBe('')
    expect(lines(result.stdout)).toEqual(['hello', 'nothing else', 'variable --no-such-option'])
    expect(result).toMatchObject({ ended: 'exited', exitCode: 9 })
  })

  test('gives large bodies whole, in both directions', async () => {
    const socket = path.join(await ground.folder({}), 'gateway.sock')
    const server = await echo(socket)
    const script = `exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}; head -c 5000000 /dev/zero >&3 & 
      exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}; (head -c 5000000 /dev/zero >&3 &); head -c 5000000 <&3 | wc -c`
    const { stdout } = await bash(ground, script, { gateway: socket })
    server.close()
    expect(stdout.toString()).toBe('5000000\n')
  })

  test('has no door without a gateway', async () => {
    const { exitCode } = await bash(ground, `exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}`)
    expect(exitCode).not.toBe(0)
  })
}

/** Open to all, as the gateway's own socket is to the users of its machine's sandboxes. */
async function echo(socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) =>
    client.on('error', () => client.destroy()).pipe(client),
  )
  await new Promise<void>((resolve) => server.listen({ path: socket, writableAll: true, readableAll: true }, resolve))
  return server
}
