import { connect, createServer } from 'node:net'
import type { Gateway, GatewayOptions } from '../../src/package-gateway/index.ts'
import { openGateway } from '../../src/package-gateway/index.ts'

export interface RelayedGateway extends Gateway {
  /** Sends raw bytes and gives all that came back. */
  raw(bytes: string): Promise<string>
}

/** A gateway reached over TCP on loopback, as the sandbox's forwarder makes it. */
export async function openRelayed(options: Omit<GatewayOptions, 'address'>): Promise<RelayedGateway> {
  let socket = ''
  const relay = createServer((client) => {
    const upstream = connect(socket)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const listening = relay.address()
  if (listening === null || typeof listening === 'string') throw new Error('the relay listens nowhere')
  const gateway = await openGateway({ ...options, address: `http://127.0.0.1:${listening.port}` })
  socket = gateway.socket
  return {
    ...gateway,
    raw: (bytes) => sendRaw(gateway.socket, bytes),
    close: async () => {
      relay.close()
      await gateway.close()
    },
  }
}

function sendRaw(socket: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect(socket, () => client.write(bytes))
    const chunks: Buffer[] = []
    client.on('data', (chunk) => chunks.push(chunk))
    client.on('error', reject)
    client.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
