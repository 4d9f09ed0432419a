import { randomInt } from 'node:crypto'
import { type Colour, Raster } from './png.js'

/** A slider puzzle: a landscape with a hole, and the piece that belongs there. */
export interface Puzzle {
  /** Where the piece's left edge belongs, in pixels of the picture. */
  x: number
  picture: Buffer
  /** As high as the picture, so that it only moves sideways. */
  piece: Buffer
}

const PICTURE = { width: 310, height: 155 }
/** The square of the piece and its knob, which sticks out to the right. */
const SIDE = 42
const KNOB = 8
const PIECE_WIDTH = SIDE + KNOB

export function makePuzzle(): Puzzle {
  const x = randomInt(PIECE_WIDTH + 20, PICTURE.width - PIECE_WIDTH - 10)
  const y = randomInt(12, PICTURE.height - SIDE - 12)
  const picture = landscape()
  const piece = new Raster(PIECE_WIDTH, PICTURE.height)
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < PIECE_WIDTH; column++) {
      if (!isPiece(column, row)) continue
      const colour = picture.get(x + column, y + row)
      const edge = isEdge(column, row)
      piece.set(column, y + row, edge ? [255, 255, 255, 255] : colour)
      picture.set(x + column, y + row, edge ? [255, 255, 255, 255] : darker(colour))
    }
  }
  return { x, picture: picture.toPNG(), piece: piece.toPNG() }
}

/** A square with a knob on the right side and a dent in the left one. */
function isPiece(column: number, row: number): boolean {
  const middle = SIDE / 2
  const knob = Math.hypot(column - (SIDE - 1), row - middle) <= KNOB
  const dent = Math.hypot(column, row - middle) <= KNOB
  return row >= 0 && row < SIDE && column >= 0 && !dent && (column < SIDE || knob)
}

function isEdge(column: number, row: number): boolean {
  const around = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const
  return around.some(([right, down]) => !isPiece(column + right, row + down))
}

function darker([red, green, blue]: Colour): Colour {
  return [red * 0.4, green * 0.4, blue * 0.4, 255].map(Math.round) as Colour
}

/** Sky, sun and three ranges of hills, different each time. */
function landscape(): Raster {
  const { width, height } = PICTURE
  const raster = new Raster(width, height)
  const sun = { x: randomInt(30, width - 30), y: randomInt(20, 60) }
  const hue = randomInt(0, 40)
  const ranges = [0, 1, 2].map((depth) => ({
    base: 70 + depth * 26,
    height: 16 - depth * 3,
    length: randomInt(18, 40),
    shift: randomInt(0, 100),
    colour: [40 + hue - depth * 12, 120 - depth * 26, 110 - depth * 30, 255] as Colour,
  }))
  for (let x = 0; x < width; x++) {
    const tops = ranges.map(
      ({ base, height: high, length, shift }) => base + high * Math.sin((x + shift) / length),
    )
    for (let y = 0; y < height; y++) {
      const hill = ranges.findLast((_, index) => y >= (tops[index] ?? height))
      const shine = Math.hypot(x - sun.x, y - sun.y) < 14
      const sky: Colour = [120 + hue + y, 175 + Math.round(y / 3), 240 - Math.round(y / 4), 255]
      raster.set(x, y, hill?.colour ?? (shine ? [255, 236, 150, 255] : sky))
    }
  }
  return raster
}
