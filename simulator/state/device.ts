/** The device values of one login (docs/wire.md#device-values). A value that a call may leave out is bound when it first comes. */
export interface Device {
  operatingSysVersion: string
  fingerprint: string
  ip: string | undefined
  agent: string | undefined
}

/** The name of the first value that is not the login's. Values that the login did not say are bound. */
export function bindDevice(known: Device, sent: Device): keyof Device | undefined {
  const names: (keyof Device)[] = ['operatingSysVersion', 'fingerprint', 'ip', 'agent']
  const other = names.find((name) => known[name] && sent[name] && known[name] !== sent[name])
  if (other) return other
  known.ip ??= sent.ip
  known.agent ??= sent.agent
  return undefined
}
