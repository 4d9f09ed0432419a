// A process of its own, so that NODE_DEBUG applies. It tells its parent the secrets on stdout.
import { logIn, openShop } from '../support/shop.js'
import { learnFrom, Secrets } from './secrets.js'

const shop = await openShop({ strategy: { upstreamLogout: true } })
const secrets = new Secrets()
learnFrom(shop.simulator, secrets)
const { browser } = await logIn(shop)
await browser.post(`${shop.url}/refresh`)
await browser.post(`${shop.url}/logout`)
process.stdout.write(JSON.stringify(secrets.list()))
await shop.close()
