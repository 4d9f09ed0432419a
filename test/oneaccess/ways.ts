import axios from 'axios'
import type { OneAccessClientOptions } from '../../lib/index.js'

/** The ways in which calls can be sent. Tests of calls run with each of them. */
export const WAYS: [way: string, options: () => Pick<OneAccessClientOptions, 'http'>][] = [
  ['with the default transport', () => ({})],
  ['with an axios instance as http', () => ({ http: axios.create() })],
  ['with axios settings as http', () => ({ http: {} })],
]
