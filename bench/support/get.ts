import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** The page at a path of a server on loopback; rejects when it answers anything but 200. */
export function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request({ agent, host: '127.0.0.1', port, path }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => {
        text += chunk
      })
      res.once('end', () => {
        if (res.statusCode === 200) resolve(text)
        else reject(new Error(`${path} answered ${res.statusCode}: ${text.slice(0, 300)}`))
      })
    })
    req.once('error', reject)
    req.end()
  })
}
