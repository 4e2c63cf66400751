/** The demo's documents: things a person might keep, in the formats people keep them in. */
import { encodePdf } from './pdf.ts'

export const WELCOME = `# Welcome to your drive

Everything here is an object in a bucket, and a file in this folder, at the same time.

- Open **Documents** and change something. A few seconds after you close the file, the new version is in the bucket.
- Copy a folder of your own in. Transfers in the window shows it on its way.
- **Large/Random 200 MB.bin** is there to see how fast reading is the second time.
- Pull the network cable. What you have opened keeps working, and what you write waits.

This bucket belongs to a small server on your own machine. Nothing leaves it.
`

export const MEETING_NOTES = `Harbour project, weekly meeting
================================

Present: Ana, Björn, Chidi, Dewi

1. The tide gauge at pier 4 reads 3 cm low since the storm. Chidi recalibrates on Thursday.
2. Budget: the sheet is in this folder. The second pump is cheaper than planned.
3. Pictures for the report: Dewi picks two.

Next time: Wednesday, 10:00.
`

export const RESUME = `# Zoë Müller

Oceanographer, Göteborg

## Experience

| years | where | what |
| --- | --- | --- |
| 2021 to now | Västkust Institute | tide models for small harbours |
| 2017 to 2021 | Université de Bretagne | buoys, and the software in them |

## Languages

Svenska, Deutsch, français, English
`

export const JAPANESE_NOTE = `潮汐メモ

満潮は午前六時、干潮は正午ごろ。
写真は「Pictures」フォルダーにあります。
`

/** Four seasons of hourly readings would be dull; this is one reading a day, from the moon and the sun. */
export function tideTable(): string {
  const rows = Array.from({ length: 365 }, (_, day) => {
    const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10)
    const moon = 62 * Math.cos((2 * Math.PI * day) / 14.765)
    const season = 11 * Math.sin((2 * Math.PI * (day - 80)) / 365)
    const high = 310 + moon + season
    return [date, high.toFixed(1), (high - 205 - moon * 1.4).toFixed(1), (8.5 + season * 0.6).toFixed(1)].join(',')
  })
  return `date,high water cm,low water cm,water temperature C\n${rows.join('\n')}\n`
}

export const BUDGET = `item,planned,spent,remarks
Pump 1,"12,400","12,150",delivered
Pump 2,"12,400","10,900",cheaper model
Tide gauge,"3,200","3,480","recalibration, twice"
Paint,640,590,red and white
`

export function quarterlyReport(): Buffer {
  return encodePdf([
    {
      title: 'Harbour project: quarterly report',
      lines: [
        'The new pumps run. The gauge at pier 4 was recalibrated after the storm in March and agrees',
        'with the buoy to within a centimetre.',
        '',
        'Water moved, in thousands of cubic metres:',
      ],
      bars: [
        { label: 'January', value: 41 },
        { label: 'February', value: 38 },
        { label: 'March', value: 66 },
        { label: 'April', value: 52 },
      ],
    },
    { title: 'Outlook', lines: ['The lighthouse gets its paint in June.', 'No further works are planned this year.'] },
  ])
}
