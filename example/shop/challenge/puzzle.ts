import type { Captcha } from 'passport-oneaccess-alipay'

/** A slider puzzle with the sizes of its images, in pixels. */
export interface Puzzle extends Captcha {
  width: number
  height: number
  pieceWidth: number
}

const PNG_SIGNATURE = '89504e470d0a1a0a'

export function measured(captcha: Captcha): Puzzle {
  const { width, height } = sizeOf(captcha.picture) ?? { width: 310, height: 155 }
  const pieceWidth = sizeOf(captcha.piece)?.width ?? 50
  return { ...captcha, width, height, pieceWidth }
}

/** Reads the size from the header of a PNG file. */
function sizeOf(dataURL: string): { width: number; height: number } | undefined {
  const start = Buffer.from(dataURL.slice(dataURL.indexOf(',') + 1).slice(0, 32), 'base64')
  if (start.length < 24 || start.toString('hex', 0, 8) !== PNG_SIGNATURE) return undefined
  return { width: start.readUInt32BE(16), height: start.readUInt32BE(20) }
}
