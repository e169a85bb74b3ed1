import { expect, test } from 'vitest'
import { makeProbot, openAccess } from '../../../src/apps/github-app/access.ts'
import { makeLog } from '../../../src/log.ts'
import { makeSample } from '../../github/sample.ts'

test('git\u2019s token comes from the GitHub that the App is on, though nothing else was asked of it before', async () => {
  const { github, installation, close } = await makeSample()
  const { appId, privateKey, webhookSecret, url } = github
  const config = {
    app: { id: appId, privateKey, webhookSecret },
    token: null,
    webUrl: url,
    apiUrl: `${url}/api/v3`,
  }
  const log = makeLog('silent')
  const access = openAccess(config, makeProbot(config, log), log)
  expect(await access?.gitAuthorization(installation.id)).toMatch(/^Basic /)
  expect(github.requests.map(({ kind }) => kind)).toEqual(['token'])
  expect(github.problems).toEqual([])
  await close()
})
