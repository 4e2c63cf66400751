/**
 * The cyclic checksums S3 knows: CRC32, CRC32C and CRC64NVME. All are "reflected", begin with all ones and end inverted.
 * `combineCrc` gives the checksum of A followed by B from those of A and B, which is how a multipart object gets one of
 * the whole without being read again.
 */
import * as zlib from 'node:zlib'

export type CrcName = 'CRC32' | 'CRC32C' | 'CRC64NVME'

type Crc32 = (data: Uint8Array, value?: number) => number

const POLYNOMIAL: Record<CrcName, { width: 32 | 64; reflected: bigint }> = {
  CRC32: { width: 32, reflected: 0xedb88320n },
  CRC32C: { width: 32, reflected: 0x82f63b78n },
  CRC64NVME: { width: 64, reflected: 0x9a6c9329ac4bc9b5n },
}

export interface Crc {
  update(chunk: Uint8Array): void
  /** Big-endian, as S3 encodes it. */
  digest(): Buffer
}

export function createCrc(name: CrcName): Crc {
  if (name === 'CRC64NVME') return createCrc64()
  // Node has a fast one from 20.15 on.
  const native = (zlib as { crc32?: Crc32 }).crc32
  return createCrc32(name === 'CRC32' && native ? native : tableCrc32(name))
}

function createCrc32(step: Crc32): Crc {
  let value = 0
  return {
    update: (chunk) => {
      value = step(chunk, value)
    },
    digest: () => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value >>> 0)
      return bytes
    },
  }
}

const tables32 = new Map<CrcName, Int32Array>()

/** Eight tables of 256, so that eight bytes go in one step. */
function slicingTables(name: CrcName): Int32Array {
  const known = tables32.get(name)
  if (known) return known
  const polynomial = Number(POLYNOMIAL[name].reflected) | 0
  const tables = new Int32Array(8 * 256)
  for (let index = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    tables[index] = value
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256] ?? 0
    tables[index] = (shorter >>> 8) ^ (tables[shorter & 255] ?? 0)
  }
  tables32.set(name, tables)
  return tables
}

function tableCrc32(name: CrcName): Crc32 {
  const tables = slicingTables(name)
  const at = (table: number, byte: number): number => tables[table * 256 + (byte & 255)] as number
  return (data, start = 0) => {
    let value = ~start
    let index = 0
    for (; index + 8 <= data.length; index += 8) {
      const byte = (offset: number): number => data[index + offset] as number
      const low = value ^ (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24))
      value =
        at(7, low) ^
        at(6, low >>> 8) ^
        at(5, low >>> 16) ^
        at(4, low >>> 24) ^
        at(3, byte(4)) ^
        at(2, byte(5)) ^
        at(1, byte(6)) ^
        at(0, byte(7))
    }
    for (; index < data.length; index++) value = (value >>> 8) ^ at(0, value ^ (data[index] as number))
    return ~value >>> 0
  }
}

let table64: { high: Int32Array; low: Int32Array } | undefined

function crc64Table(): { high: Int32Array; low: Int32Array } {
  if (table64) return table64
  const [high, low] = [new Int32Array(256), new Int32Array(256)]
  for (let index = 0; index < 256; index++) {
    let value = BigInt(index)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL.CRC64NVME.reflected : value >> 1n
    high[index] = Number(value >> 32n) | 0
    low[index] = Number(value & 0xffffffffn) | 0
  }
  table64 = { high, low }
  return table64
}

/** In two halves of 32 bits: BigInt a byte at a time would be a hundred times slower. */
function createCrc64(): Crc {
  const table = crc64Table()
  let high = -1
  let low = -1
  return {
    update: (chunk) => {
      for (let index = 0; index < chunk.length; index++) {
        const entry = (low ^ (chunk[index] as number)) & 255
        low = ((low >>> 8) | (high << 24)) ^ (table.low[entry] as number)
        high = (high >>> 8) ^ (table.high[entry] as number)
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(~high >>> 0, 0)
      bytes.writeUInt32BE(~low >>> 0, 4)
      return bytes
    },
  }
}

/** CRC(A‖B) = CRC(A)·x^(8·|B|) + CRC(B), in the polynomial's field. */
export function combineCrc(name: CrcName, first: Buffer, second: Buffer, secondLength: number): Buffer {
  const { width, reflected } = POLYNOMIAL[name]
  const one = 1n << BigInt(width - 1)
  let power = one >> 8n
  let shift = one
  for (let length = BigInt(secondLength); length > 0n; length >>= 1n) {
    if (length & 1n) shift = multiply(shift, power, reflected, one)
    power = multiply(power, power, reflected, one)
  }
  const value = multiply(BigInt(`0x${first.toString('hex')}`), shift, reflected, one)
  const sum = value ^ BigInt(`0x${second.toString('hex')}`)
  return Buffer.from(sum.toString(16).padStart(width / 4, '0'), 'hex')
}

/** Both factors reflected: the highest bit is x^0. */
function multiply(a: bigint, b: bigint, reflected: bigint, one: bigint): bigint {
  let product = 0n
  for (let bit = one; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= b
    b = b & 1n ? (b >> 1n) ^ reflected : b >> 1n
  }
  return product
}
