import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { readSettings, settingsJsonSchema } from '../../src/consent/index.ts'

test('docs/quarry.schema.json is the schema (`npm run settings:schema` writes it)', async () => {
  await expect(`${JSON.stringify(settingsJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../docs/quarry.schema.json',
  )
})

test.each([
  [{ enabled: true, environment: { directory: ['a', 'b'], toolchain: { node: '22' } } }, true],
  [{ enabled: 'yes' }, false],
  [{ enabeld: true }, false],
  [{ limits: { run_minutes: 61 } }, false],
  [{ paths: { test: ['/a'] } }, false],
  [{ environment: { directory: '../a' } }, false],
  [{ environment: { install: ['  '] } }, false],
])('an editor that has the schema says of %j what the reader says', (settings, isRight) => {
  const validate = new Ajv2020().compile(settingsJsonSchema())
  expect(validate(settings)).toBe(isRight)
  expect('settings' in readSettings(JSON.stringify(settings))).toBe(isRight)
})
