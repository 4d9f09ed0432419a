import { expect } from 'chai'
import { isLoopback } from '../../lib/util/loopback.js'
import { isLoopback as isLoopbackInSimulator } from '../../simulator/loopback.js'

const LOOPBACK = [
  'localhost',
  'LOCALHOST:3000',
  'shop.localhost',
  'a.b-c.localhost',
  '127.0.0.1',
  '127.255.0.9:80',
  '127.1',
  '[::1]',
  '[0:0::1]',
]
const NOT_LOOPBACK = [
  'localhost.evil.example',
  'notlocalhost',
  'localhost.',
  '127.0.0.1.evil.example',
  '128.0.0.1',
  '10.0.0.1',
  '0.0.0.0',
  '[::]',
  '[::2]',
  'shop.example',
  'localhost-shop.example',
]

for (const [name, check] of [
  ['isLoopback', isLoopback],
  ['isLoopback of the simulator', ({ hostname }: URL) => isLoopbackInSimulator(hostname)],
] as const) {
  describe(name, () => {
    for (const host of LOOPBACK) {
      it(`returns true for ${host}`, () => {
        expect(check(new URL(`http://${host}/`))).to.equal(true)
      })
    }
    for (const host of NOT_LOOPBACK) {
      it(`returns false for ${host}`, () => {
        expect(check(new URL(`http://${host}/`))).to.equal(false)
      })
    }
  })
}
