/** Writes a small PDF: pages of lines of text and a bar chart, in a font every reader has. */

export type PdfPage = { title: string; lines: readonly string[]; bars?: readonly { label: string; value: number }[] }

/** Objects are numbered from 1: the catalogue, the page tree, two fonts, then each page and its drawing. */
export function encodePdf(pages: readonly PdfPage[]): Buffer {
  const pageNumbers = pages.map((_, index) => 5 + index * 2)
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pageNumbers.map((number) => `${number} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((page, index) => {
      const drawing = drawPage(page)
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${6 + index * 2} 0 R >>`,
        `<< /Length ${Buffer.byteLength(drawing, 'latin1')} >>\nstream\n${drawing}\nendstream`,
      ]
    }),
  ]
  let text = '%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n'
  const offsets: number[] = []
  for (const [index, object] of objects.entries()) {
    offsets.push(text.length)
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries.join('')}`
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return Buffer.from(text + table + trailer, 'latin1')
}

function drawPage({ title, lines, bars = [] }: PdfPage): string {
  const heading = `BT /F2 22 Tf 60 770 Td (${escapePdf(title)}) Tj ET`
  const body = lines.map((line) => `(${escapePdf(line)}) Tj T*`).join('\n')
  const highest = Math.max(1, ...bars.map((bar) => bar.value))
  const chart = bars.flatMap(({ label, value }, index) => {
    const x = 70 + index * 110
    const height = Math.round((value / highest) * 220)
    return [
      `0.16 0.44 0.60 rg ${x} 200 70 ${height} re f`,
      `0 g BT /F1 11 Tf ${x} 182 Td (${escapePdf(label)}) Tj ET`,
      `BT /F1 11 Tf ${x} ${206 + height} Td (${value}) Tj ET`,
    ]
  })
  return [heading, `BT /F1 12 Tf 16 TL 60 735 Td\n${body}\nET`, ...chart].join('\n')
}

function escapePdf(text: string): string {
  return text.replace(/[\\()]/g, '\\$&')
}
