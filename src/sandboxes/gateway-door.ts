import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { BASE_VARIABLES, GATEWAY_PORT, QUARRY } from './addresses.ts'
import type { Bind } from './bubblewrap-arguments.ts'

/** The program inside that makes the gateway's socket a port; its own file, as no other of Quarry's is mounted. */
const forwarder = path.join(import.meta.dirname, `gateway-forwarder${path.extname(import.meta.filename)}`)
const inside = {
  node: `${QUARRY}/gateway/node`,
  forwarder: `${QUARRY}/gateway/forwarder.mjs`,
  socket: `${QUARRY}/gateway/socket`,
}

/** Writes the forwarder to `file` as JavaScript: Node would strip its types anew for each command. Gives the file. */
export async function writeForwarder(file: string): Promise<string> {
  const text = await readFile(forwarder, 'utf8')
  await writeFile(file, forwarder.endsWith('.ts') ? stripTypeScriptTypes(text) : text)
  return file
}

/** `program`: what `writeForwarder` gave. */
export function gatewayBinds(node: string, program: string, socket: string): Bind[] {
  return [
    { source: node, target: inside.node, writable: false },
    { source: program, target: inside.forwarder, writable: false },
    { source: socket, target: inside.socket, writable: false },
  ]
}

/** The command wrapped so that the door is open before it starts. Its variables go past the forwarder's own node. */
export function throughDoor(argv: readonly string[], variables: Readonly<Record<string, string>>): string[] {
  const environment = { ...BASE_VARIABLES, ...variables }
  return [
    inside.node,
    inside.forwarder,
    JSON.stringify({ socket: inside.socket, port: GATEWAY_PORT, argv, environment }),
  ]
}
