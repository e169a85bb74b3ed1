import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Before anything else is imported: kept from start to start, the stripped and compiled modules halve the start.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/quarry', import.meta.url)))
await import('./command-line.ts')
