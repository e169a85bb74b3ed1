import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell } from '../../tell.ts'
import { startGitHub } from '../index.ts'
import { addManyPulls, makeManyPulls } from '../many-pulls.ts'

/**
 * Plays a GitHub with one repository of so many pulls, one in five of which closes an issue. Tells `ready` with where it is, and at
 * the end of its standard input `requests` with how many it was asked.
 */
const [count = '100'] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'quarry-many-'))
const many = makeManyPulls(join(folder, 'shop.git'), Number(count))
const github = await startGitHub({ validate: false })
const installation = github.addInstallation({ account: 'acme' })
const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: many.gitDir })
addManyPulls(github, repository, many, { closing: 5, comments: (number) => (number % 500 === 0 ? 230 : 3) })
const { url, appId, privateKey, webhookSecret } = github
const place = { id: repository.id, fullName: repository.fullName, installation }
tell(`ready ${JSON.stringify({ url, appId, privateKey, webhookSecret, repository: place })}`)
process.stdin.resume().once('end', async () => {
  const operations = github.requests.map(({ kind, operation }) => operation ?? kind)
  tell(`requests ${JSON.stringify(operations)}`)
  await github.close()
  rmSync(folder, { recursive: true, force: true })
})
