import { promisify } from 'node:util'
import { brotliDecompress, inflateRaw, unzip, type ZlibOptions } from 'node:zlib'

const fromGzip = promisify<Buffer, ZlibOptions, Buffer>(unzip)
const fromRawDeflate = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw)
const fromBrotli = promisify(brotliDecompress)

/**
 * Decodes a `Content-Encoding`; an unknown one leaves the bytes as they are. Rejects as soon as the output
 * exceeds `largest` bytes.
 */
export async function unpack(bytes: Buffer, encoding: string, largest: number): Promise<Buffer> {
  const bounds = { maxOutputLength: largest }
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return fromGzip(bytes, bounds)
    case 'deflate':
      // some servers omit the zlib header that `deflate` implies
      return isZlib(bytes) ? fromGzip(bytes, bounds) : fromRawDeflate(bytes, bounds)
    case 'br':
      return fromBrotli(bytes, bounds)
    default:
      return bytes
  }
}

/** The low half of the first byte of a zlib header is the method: 8 is deflate (RFC 1950). */
function isZlib(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8
}
