/** The demo's pictures, computed: two fractals, a sunrise and a drawing. */
import { encodePng, type Colour } from './png.ts'

export function mandelbrot(): Buffer {
  return fractal(720, 480, (x, y) => escapeTime(0, 0, -2.2 + x * 3.3, -1.1 + y * 2.2))
}

export function julia(): Buffer {
  return fractal(720, 480, (x, y) => escapeTime(-1.6 + x * 3.2, -1.1 + y * 2.2, -0.7269, 0.1889))
}

const MAX_STEPS = 160

function escapeTime(real: number, imaginary: number, constantReal: number, constantImaginary: number): number {
  let [a, b] = [real, imaginary]
  for (let step = 0; step < MAX_STEPS; step++) {
    const [square, other] = [a * a, b * b]
    if (square + other > 16) return step + 1 - Math.log2(Math.log2(square + other) / 2)
    b = 2 * a * b + constantImaginary
    a = square - other + constantReal
  }
  return MAX_STEPS
}

function fractal(width: number, height: number, stepsAt: (x: number, y: number) => number): Buffer {
  return encodePng(width, height, (x, y) => {
    const steps = stepsAt(x / width, y / height)
    if (steps >= MAX_STEPS) return [8, 10, 24]
    const wave = (shift: number): number => Math.round(128 + 127 * Math.sin(0.13 * steps + shift))
    return [wave(4.2), wave(5.1), wave(0.4)]
  })
}

export function sunrise(): Buffer {
  const [width, height] = [960, 600]
  const [sunX, sunY, radius] = [620, 380, 64]
  return encodePng(width, height, (x, y) => {
    const distance = Math.hypot(x - sunX, y - sunY)
    if (y > 430 + 18 * Math.sin(x / 90) + 9 * Math.sin(x / 23))
      return blend([18, 42, 66], [10, 20, 34], (y - 430) / 170)
    const sky = blend([24, 36, 92], [255, 170, 110], y / 430)
    return distance < radius ? [255, 236, 180] : blend([255, 214, 150], sky, Math.min(1, (distance - radius) / 190))
  })
}

function blend(from: Colour, to: Colour, share: number): Colour {
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * Math.max(0, Math.min(1, share)))
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])]
}

export function lighthouse(): string {
  const waves = [0, 1, 2].map((row) => {
    const y = 250 + row * 22
    return `<path d="M0 ${y} q 20 -14 40 0 t 40 0 t 40 0 t 40 0 t 40 0 t 40 0 t 40 0 t 40 0" fill="none" stroke="#3b82a0" stroke-width="4" opacity="${1 - row * 0.25}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320" width="320" height="320">
  <title>Lighthouse</title>
  <rect width="320" height="320" fill="#eef6fa"/>
  <path d="M160 92 L20 60 L20 128 Z" fill="#ffe9a8" opacity="0.8"/>
  <path d="M138 240 L146 110 H174 L182 240 Z" fill="#ffffff" stroke="#274c5e" stroke-width="3"/>
  <path d="M143 160 H177 L179 190 H141 Z" fill="#d9534f"/>
  <rect x="142" y="84" width="36" height="26" fill="#ffd45e" stroke="#274c5e" stroke-width="3"/>
  <path d="M136 84 L160 62 L184 84 Z" fill="#d9534f" stroke="#274c5e" stroke-width="3"/>
  ${waves.join('\n  ')}
</svg>
`
}
