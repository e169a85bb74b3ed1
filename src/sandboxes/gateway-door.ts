import path from 'node:path'
import { BASE_VARIABLES, GATEWAY_PORT, QUARRY } from './addresses.ts'
import type { Bind } from './bubblewrap-arguments.ts'

/** The program inside that makes the gateway's socket a port; its own file, as no other of Quarry's is mounted. */
const forwarder = path.join(import.meta.dirname, `gateway-forwarder${path.extname(import.meta.filename)}`)
const inside = {
  node: `${QUARRY}/gateway/node`,
  forwarder: `${QUARRY}/gateway/forwarder.m${path.extname(forwarder).slice(1)}`,
  socket: `${QUARRY}/gateway/socket`,
}

export function gatewayBinds(node: string, socket: string): Bind[] {
  return [
    { source: node, target: inside.node, writable: false },
    { source: forwarder, target: inside.forwarder, writable: false },
    { source: socket, target: inside.socket, writable: false },
  ]
}

/** The command wrapped so that the door is open before it starts. Its variables go past the forwarder's own node. */
export function throughDoor(argv: readonly string[], variables: Readonly<Record<string, string>>): string[] {
  const environment = { ...BASE_VARIABLES, ...variables }
  return [
    inside.node,
    '--disable-warning=ExperimentalWarning',
    inside.forwarder,
    JSON.stringify({ socket: inside.socket, port: GATEWAY_PORT, argv, environment }),
  ]
}
