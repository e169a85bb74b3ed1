import { describe, expect, it } from 'vitest'
import { minerNamed, miners } from '../../miners/index.ts'
import { reasonsByStage } from '../../src/model/index.ts'
import { change, context } from './context.ts'

describe.each(miners)('the miner $name', (miner) => {
  const contexts = {
    'nothing changed': context({}, []),
    'one path': context({}, [change('src/a.js')]),
    'source and test': context({}, [change('src/a.js'), change('test/a.test.js')]),
    'a link turned file': context({}, [change('src/a.js', { status: 'type-changed', oldMode: '120000' })]),
    'odd names': context({}, [change('a b/"c"\n.js'), change('ü/测试.test.ts')]),
    'everything unknown': context({ user: null, baseRef: null, head: null, createdAt: null, body: '', title: '' }, []),
  }

  it('has a name that can stand in a command, and says what it proposes', () => {
    expect(miner.name).toMatch(/^[a-z][a-z-]*$/)
    expect(miner.title).not.toBe('')
    expect(minerNamed(miner.name)).toBe(miner)
  })

  it.each(Object.entries(contexts))('proposes commits or refuses with a miner’s reason: %s', async (_, given) => {
    const outcome = await miner.propose(given)
    if ('refused' in outcome) expect(reasonsByStage.miner).toContain(outcome.refused)
    else expect(outcome.proposed).toMatchObject({ base: expect.any(String), after: expect.any(String) })
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome)
  })

  it('answers the same when asked again', async () => {
    for (const given of Object.values(contexts)) expect(await miner.propose(given)).toEqual(await miner.propose(given))
  })
})

it('no two miners share a name', () => {
  expect(new Set(miners.map(({ name }) => name)).size).toBe(miners.length)
  expect(minerNamed('nobody')).toBeNull()
})
