import { OneAccessClient } from './oneaccess/client.js'
import type { Settings } from './options.js'
import { omitUndefined } from './util/omit-undefined.js'

/** Creates the client for a strategy's options. */
export function createClient(settings: Settings): OneAccessClient {
  const { origin, clientID, credential, loginVersion, refreshWith, timeouts } = settings
  const { language, idToken, http, maxConnections } = settings
  const deadlines = { callDeadline: timeouts.call, refreshDeadline: timeouts.refresh }
  const needed = { origin, clientID, credential, loginVersion, refreshWith, ...deadlines }
  return new OneAccessClient({
    ...needed,
    ...omitUndefined({ language, idToken, http, maxConnections }),
  })
}
