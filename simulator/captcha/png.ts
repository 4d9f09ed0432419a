import { crc32, deflateSync } from 'node:zlib'

/** An image being drawn: red, green, blue and alpha for each pixel, row by row. */
export class Raster {
  readonly width: number
  readonly height: number
  private readonly bytes: Buffer

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.bytes = Buffer.alloc(width * height * 4)
  }

  set(x: number, y: number, [red, green, blue, alpha]: Colour): void {
    this.bytes.set([red, green, blue, alpha], (y * this.width + x) * 4)
  }

  get(x: number, y: number): Colour {
    const at = (y * this.width + x) * 4
    const [red = 0, green = 0, blue = 0, alpha = 0] = this.bytes.subarray(at, at + 4)
    return [red, green, blue, alpha]
  }

  /** The whole picture as a PNG file. */
  toPNG(): Buffer {
    const header = Buffer.alloc(13)
    header.writeUInt32BE(this.width, 0)
    header.writeUInt32BE(this.height, 4)
    header.set([8, 6, 0, 0, 0], 8) // 8 bits a channel, RGBA, deflate, no filter, not interlaced
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    const data = deflateSync(this.rows(), { level: 6 })
    return Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', data),
      chunk('IEND', Buffer.alloc(0)),
    ])
  }

  /** Each row follows a zero byte, which says that it is not filtered. */
  private rows(): Buffer {
    const stride = this.width * 4
    const rows = Buffer.alloc((stride + 1) * this.height)
    for (let y = 0; y < this.height; y++) {
      this.bytes.copy(rows, y * (stride + 1) + 1, y * stride, (y + 1) * stride)
    }
    return rows
  }
}

/** Red, green, blue, alpha, each 0 to 255. */
export type Colour = [number, number, number, number]

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
