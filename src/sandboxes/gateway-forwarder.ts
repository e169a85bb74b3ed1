/**
 * Runs inside an install's sandbox, alone, by Quarry's own node: connects to the package gateway's socket once, by which the gateway knows that the door
 * stands, listens on the loopback, passes bytes on, and only then starts the command. Ends as the command ends. Takes one argument, in JSON.
 */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'

interface Order {
  readonly socket: string
  readonly port: number
  readonly argv: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
}

// Written by gateway-door.ts beside this file: not input to be checked.
const order: Order = JSON.parse(process.argv[2] ?? '')

const server = createServer({ allowHalfOpen: true }, (client) => {
  const gateway = connect({ path: order.socket, allowHalfOpen: true })
  client.pipe(gateway).pipe(client)
  client.on('error', () => gateway.destroy())
  gateway.on('error', () => client.destroy())
})

// A gateway that is gone is what the command will find, too.
const greeting = connect({ path: order.socket }, () => greeting.destroy())
greeting.once('error', () => greeting.destroy())
greeting.once('close', () => server.listen(order.port, '127.0.0.1', start))

function start(): void {
  const [command, ...rest] = order.argv
  const child = spawn(command, rest, { env: order.environment, stdio: 'inherit' })
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(127)
  })
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
}
