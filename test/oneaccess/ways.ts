import axios from 'axios'
import type { OneAccessClientOptions } from '../../lib/index.js'

/** What is promised of a call holds for each way that it may go. */
export const WAYS: [way: string, options: () => Pick<OneAccessClientOptions, 'http'>][] = [
  ['over connections of its own', () => ({})],
  ["through the app's axios", () => ({ http: axios.create() })],
  ['through axios with settings', () => ({ http: {} })],
]
