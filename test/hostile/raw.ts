import { request } from 'node:http'

export interface Raw {
  status: number
  location: string
  body: string
}

// fetch() refuses some of the repeated and forged headers that these send
export function postRaw(url: string, body: object, headers: string[]): Promise<Raw> {
  const text = JSON.stringify(body)
  const length = String(Buffer.byteLength(text))
  const own = ['content-type', 'application/json', 'content-length', length]
  return sendRaw(url, 'POST', [...own, ...headers], text)
}

export function getRaw(url: string, headers: string[]): Promise<Raw> {
  return sendRaw(url, 'GET', headers, '')
}

function sendRaw(url: string, method: string, headers: string[], text: string): Promise<Raw> {
  const host = headers.includes('host') ? [] : ['host', new URL(url).host]
  const sent = request(url, { method, headers: [...host, ...headers], agent: false })
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? '',
          body,
        })
      })
    })
    sent.end(text)
  })
}
