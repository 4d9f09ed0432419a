/**
 * The device values of one login (docs/wire.md#device-values). An optional value is fixed by the
 * first call that sends it.
 */
export interface Device {
  operatingSysVersion: string
  fingerprint: string
  ip: string | undefined
  agent: string | undefined
}

/**
 * The name of the first value that differs from the login's. Values that the login lacks are taken
 * from this call.
 */
export function bindDevice(known: Device, sent: Device): keyof Device | undefined {
  const names: (keyof Device)[] = ['operatingSysVersion', 'fingerprint', 'ip', 'agent']
  const other = names.find((name) => known[name] && sent[name] && known[name] !== sent[name])
  if (other) return other
  known.ip ??= sent.ip
  known.agent ??= sent.agent
  return undefined
}
