/** OneAccess and Alipay on loopback, for tests, for development and for trying out faults. */
export type { SimulatedSession } from './control.js'
export type { Endpoint } from './endpoints.js'
export { defaultPeople, type Person } from './people.js'
export type { RefreshCall, SimulatorOptions, SimulatorSettings } from './settings.js'
export { type Simulator, startSimulator } from './simulator.js'
export type { EndedBy } from './state/sessions.js'
export type { Call } from './transport/calls.js'
export type { Fault } from './transport/faults.js'
