import { DrizzleQueryError } from 'drizzle-orm/errors'
import { expect, test } from 'vitest'
import { messageOf } from '../src/errors.ts'
import { addLogFields, withLogFields } from '../src/log.ts'
import { watchedLog } from './log-lines.ts'

test('a line carries the fields of what is being worked on, whichever logger writes it, and however late', async () => {
  const { log, lines } = watchedLog()
  const deep = log.child({ name: 'deep' })
  const work = async (candidate: number) => {
    await null
    addLogFields({ repository: 'acme/shop' })
    deep.info({ more: true }, 'deep inside')
    withLogFields({ pull: 3 }, () => log.info('deeper'))
    return candidate
  }
  await Promise.all([1, 2].map((candidate) => withLogFields({ candidate, stage: 'snapshot' }, () => work(candidate))))
  log.info('outside')
  const fields = { stage: 'snapshot', repository: 'acme/shop' }
  expect(lines().map(({ level: _, time: __, ...rest }) => rest)).toEqual([
    { candidate: 1, ...fields, name: 'deep', more: true, msg: 'deep inside' },
    { candidate: 1, ...fields, pull: 3, msg: 'deeper' },
    { candidate: 2, ...fields, name: 'deep', more: true, msg: 'deep inside' },
    { candidate: 2, ...fields, pull: 3, msg: 'deeper' },
    { msg: 'outside' },
  ])
})

test('what libraries hang on their errors stays out of the log', () => {
  const { log, text, lines } = watchedLog()
  const query = new DrizzleQueryError(
    'insert into deliveries values ($1)',
    [Buffer.from('a secret')],
    new Error('gone'),
  )
  log.error(Object.assign(new Error('it failed'), { event: { payload: { body: 'a secret' } } }))
  log.error({ err: query, error: messageOf(query) }, 'not stored')
  expect(lines()).toMatchObject([
    { err: { message: 'it failed' } },
    { err: { message: 'the database failed: gone' }, error: 'the database failed: gone' },
  ])
  expect(text()).toContain('log.test.ts')
  expect(text()).not.toContain('a secret')
})
