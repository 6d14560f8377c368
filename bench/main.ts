/**
 * `npm run bench [-- --only AREA] [--json]` measures every figure beside its peer. With `--json` it prints only a JSON list to
 * stdout. Progress goes to stderr.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { columns } from '../cli/text.ts'
import type { Figure, Figures } from './figure.ts'

const areas: Readonly<Record<string, () => Promise<{ figures: Figures }>>> = {
  'delta-log': () => import('./delta-log.ts'),
  catalog: () => import('./catalog.ts'),
  files: () => import('./files.ts'),
  models: () => import('./models.ts'),
  functions: () => import('./functions.ts'),
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, json: { type: 'boolean' } } })
const wanted = values.only ?? Object.keys(areas)
const unknown = wanted.filter((area) => areas[area] === undefined)
if (unknown.length > 0) {
  console.error(`bench: unknown area '${unknown.join(', ')}'; expected one of ${Object.keys(areas).join(', ')}`)
  process.exit(2)
}

const figures: Figure[] = []
for (const area of wanted) {
  console.error(`bench: ${area} …`)
  const { figures: measure } = await areas[area]!()
  figures.push(...(await measure((line) => console.error(`  ${line}`))))
}
if (values.json === true) console.log(JSON.stringify(figures))
else print(figures)

function print(all: readonly Figure[]): void {
  const number = (value: number | null) =>
    value === null ? '' : value >= 100 ? value.toFixed(0) : value.toPrecision(3)
  const rows = all.map((f) => [
    f.name,
    `${number(f.value)} ${f.unit}`,
    f.peer,
    number(f.peerValue),
    number(f.ratio),
    f.aim,
    f.met ? 'met' : 'MISSED',
  ])
  const [cpu] = cpus()
  console.log(
    `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
  )
  for (const line of columns(
    [['FIGURE', 'OURS', 'PEER', 'PEER’S', 'RATIO', 'AIM', ''], ...rows],
    process.stdout.columns ?? 160,
  ))
    console.log(line)
}
