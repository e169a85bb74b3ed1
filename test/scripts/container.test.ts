import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { programs } from '../../scripts/set-up-system.js'
import { settings } from '../../src/config.ts'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const { services } = parse(read('compose.yaml'), { merge: true })

test('the image has every program that the set-up brings elsewhere', () => {
  const installed = [...read('Dockerfile').matchAll(/apt-get install ([^&]*)/g)].at(-1)?.[1]?.split(/[\s\\]+/)
  expect(installed).toEqual(expect.arrayContaining(Object.values(programs)))
})

test('the build gets what Quarry runs on, and no secrets', () => {
  const kept = read('.dockerignore').split('\n')
  expect(kept).toEqual(
    expect.arrayContaining(['*', '!src', '!bin', '!migrations', '!miners', '!validators', '!app.yml', '**/.env*']),
  )
})

test('image and compose set what Quarry reads', () => {
  const set = [...(/^ENV (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '').matchAll(/([A-Z_]+)=/g)].map((match) => match[1])
  const composed = [services.app, services.worker].flatMap(({ environment }) => Object.keys(environment))
  expect([...Object.keys(settings.shape), 'NODE_ENV']).toEqual(expect.arrayContaining([...set, ...composed]))
})

test('only the worker, which has the sandbox, gets more than a container has by default', () => {
  expect([services.app.command, services.app.cap_drop]).toEqual([['serve', '--no-worker'], ['ALL']])
  expect(services.worker.security_opt).toContain('seccomp=unconfined')
  for (const service of Object.values<Record<string, unknown>>(services))
    expect([service.privileged, service.cap_add, service.network_mode]).toEqual([undefined, undefined, undefined])
})
