import { OneAccessClient } from './oneaccess/client.js'
import type { Settings } from './options.js'

/** The client that a strategy's options describe. */
export function clientFor(settings: Settings): OneAccessClient {
  const { origin, clientID, credential, loginVersion, refreshWith, timeouts } = settings
  return new OneAccessClient({
    origin,
    clientID,
    credential,
    loginVersion,
    refreshWith,
    ...(settings.language === undefined ? {} : { language: settings.language }),
    callDeadline: timeouts.call,
    refreshDeadline: timeouts.refresh,
    ...(settings.idToken === undefined ? {} : { idToken: settings.idToken }),
    ...(settings.http === undefined ? {} : { http: settings.http }),
    ...(settings.maxConnections === undefined ? {} : { maxConnections: settings.maxConnections }),
  })
}
