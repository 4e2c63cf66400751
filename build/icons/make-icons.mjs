/**
 * Draws the application's icons: `node build/icons/make-icons.mjs` writes the PNG files beside this one.
 * A cloud over a drive. Shapes are signed distances in a unit square (negative inside), sampled 4 × 4 a pixel.
 * The tray icons say their state by shape as well as by colour: a mid blue that reads on light and dark panels, and a
 * black template each for macOS, which colours it itself.
 */
import { writeFileSync } from 'node:fs'
import * as zlib from 'node:zlib'

const circle = (cx, cy, r) => (x, y) => Math.hypot(x - cx, y - cy) - r
const box = (left, top, right, bottom, radius) => (x, y) => {
  const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + radius
  const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius
}
const line = (ax, ay, bx, by, halfWidth) => (x, y) => {
  const t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)))
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) - halfWidth
}
const union =
  (...shapes) =>
  (x, y) =>
    Math.min(...shapes.map((shape) => shape(x, y)))
const without = (shape, hole) => (x, y) => Math.max(shape(x, y), -hole(x, y))
const grown = (shape, by) => (x, y) => shape(x, y) - by
const placed = (shape, scale, dx, dy) => (x, y) => shape((x - dx) / scale, (y - dy) / scale) * scale

/** The mark fills the unit square from side to side. */
const cloud = union(
  circle(0.25, 0.43, 0.2),
  circle(0.52, 0.31, 0.27),
  circle(0.77, 0.44, 0.19),
  box(0.2, 0.36, 0.82, 0.63, 0.13),
)
const drive = without(box(0.04, 0.72, 0.96, 0.94, 0.08), circle(0.82, 0.83, 0.05))
const mark = union(cloud, drive)

const arrowUp = union(
  line(0.51, 0.24, 0.51, 0.53, 0.055),
  line(0.51, 0.22, 0.37, 0.36, 0.055),
  line(0.51, 0.22, 0.65, 0.36, 0.055),
)
const exclamation = union(line(0.51, 0.17, 0.51, 0.36, 0.065), circle(0.51, 0.52, 0.068))
const bars = union(line(0.42, 0.24, 0.42, 0.5, 0.055), line(0.6, 0.24, 0.6, 0.5, 0.055))
const slash = line(0.1, 0.06, 0.92, 0.9, 0.05)

const trayShapes = {
  idle: mark,
  syncing: without(mark, arrowUp),
  paused: without(mark, bars),
  attention: without(mark, exclamation),
  offline: union(without(without(mark, grown(cloud, -0.085)), grown(slash, 0.06)), slash),
}
const blue = [59, 130, 246]
const trayColours = {
  idle: blue,
  syncing: blue,
  paused: [134, 142, 155],
  attention: [234, 120, 20],
  offline: [134, 142, 155],
}

const mix = (from, to, t) => from.map((value, at) => value + (to[at] - value) * t)
const tile = box(0.04, 0.04, 0.96, 0.96, 0.21)
const white = placed(mark, 0.62, 0.19, 0.2)
const shade = grown(placed(mark, 0.62, 0.19, 0.215), 0.012)

/** The colour at a point as [r, g, b, a] with a from 0 to 1. */
const appIcon = (x, y) => {
  if (tile(x, y) > 0) return [0, 0, 0, 0]
  if (white(x, y) <= 0) return [...mix([255, 255, 255], [226, 238, 255], y), 1]
  const ground = mix([74, 158, 255], [29, 78, 216], (x * 0.35 + y) / 1.35)
  return [...(shade(x, y) <= 0 ? mix(ground, [12, 40, 120], 0.28) : ground), 1]
}
const flat = (shape, colour) => (x, y) => (shape(x, y) <= 0 ? [...colour, 1] : [0, 0, 0, 0])

function render(size, colourAt) {
  const samples = 4
  const pixels = Buffer.alloc(size * size * 4)
  for (let py = 0; py < size; py++)
    for (let px = 0; px < size; px++) {
      const sum = [0, 0, 0, 0]
      for (let n = 0; n < samples * samples; n++) {
        const x = (px + ((n % samples) + 0.5) / samples) / size
        const y = (py + (Math.floor(n / samples) + 0.5) / samples) / size
        const [r, g, b, a] = colourAt(x, y)
        sum[0] += r * a
        sum[1] += g * a
        sum[2] += b * a
        sum[3] += a
      }
      const at = (py * size + px) * 4
      for (let c = 0; c < 3; c++) pixels[at + c] = sum[3] === 0 ? 0 : Math.round(sum[c] / sum[3])
      pixels[at + 3] = Math.round((sum[3] / (samples * samples)) * 255)
    }
  return png(size, pixels)
}

function png(size, pixels) {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y++) pixels.copy(rows, y * (size * 4 + 1) + 1, y * size * 4, (y + 1) * size * 4)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  const body = [
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...body])
}

function chunk(type, data) {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  data.copy(out, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}

/** Node before 20.15 has none of its own. */
function crc32(data) {
  if (zlib.crc32) return zlib.crc32(data)
  let crc = ~0
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

const write = (name, data) => writeFileSync(new URL(name, import.meta.url), data)
write('icon.png', render(512, appIcon))
for (const [state, shape] of Object.entries(trayShapes)) {
  const inset = placed(shape, 0.9, 0.05, 0.05)
  for (const [suffix, scale] of [
    ['', 1],
    ['@2x', 2],
  ]) {
    write(`tray-${state}${suffix}.png`, render(22 * scale, flat(inset, trayColours[state])))
    write(`tray-${state}Template${suffix}.png`, render(22 * scale, flat(inset, [0, 0, 0])))
  }
}
