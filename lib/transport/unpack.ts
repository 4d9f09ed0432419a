import { promisify } from 'node:util'
import { brotliDecompress, inflateRaw, unzip, type ZlibOptions } from 'node:zlib'

const fromGzip = promisify<Buffer, ZlibOptions, Buffer>(unzip)
const fromRawDeflate = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw)
const fromBrotli = promisify(brotliDecompress)

/**
 * Undoes a `Content-Encoding`; one that is not known leaves the bytes as they are. Unpacking stops
 * where more than `largest` bytes would come out, and rejects.
 */
export async function unpack(bytes: Buffer, encoding: string, largest: number): Promise<Buffer> {
  const bounds = { maxOutputLength: largest }
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return fromGzip(bytes, bounds)
    case 'deflate':
      // some servers leave out the zlib header that the name stands for
      return isZlib(bytes) ? fromGzip(bytes, bounds) : fromRawDeflate(bytes, bounds)
    case 'br':
      return fromBrotli(bytes, bounds)
    default:
      return bytes
  }
}

/** A zlib header begins with the method in its low half: 8 is deflate (RFC 1950). */
function isZlib(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8
}
