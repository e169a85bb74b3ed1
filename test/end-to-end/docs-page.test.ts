import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiScene, openApiScene } from '../apps/api/scene.ts'
import { installedBrowser, startBrowser } from './browser.ts'

const browser = installedBrowser()
let scene: ApiScene
let address: string

beforeAll(async () => {
  scene = await openApiScene()
  address = await scene.web.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => scene?.close())

test.skipIf(browser === null)('the reference is readable in a browser, and asks nobody else for anything', async () => {
  const chromium = await startBrowser(browser ?? '')
  try {
    const page = await chromium.newPage()
    const asked: string[] = []
    const refused: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text())
    })
    await page.goto(`${address}/docs`)
    await page.getByText('The tasks that match all filters').first().waitFor({ timeout: 60_000 })
    const elsewhere = asked.filter((url) => !url.startsWith(address) && !/^(data|blob):/.test(url))
    expect([elsewhere, refused]).toEqual([[], []])
  } finally {
    await chromium.close()
  }
})
