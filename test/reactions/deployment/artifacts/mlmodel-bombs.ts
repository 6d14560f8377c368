/**
 * A process of its own, with a heap that its test chooses, reads MLmodels that are made to be dear: `mlmodel-bombs.ts MIB
 * [NAME…]` prints a line of JSON for each, and the highest memory at the end.
 */
import { ourAnswer } from './mlmodel-answers.ts'
import { peakMemory } from '../../../world/peak-memory.ts'

const MIB = 1024 * 1024
const size = Number(process.argv[2]) * MIB
const head = 'flavors:\n  python_function: {}\nmlflow_version: 3.1.0\n'

/** One pattern, over and over, without strings that would count as the reader's memory. */
function repeated(pattern: string, start = head, end = '\n'): Buffer {
  const room = size - Buffer.byteLength(start) - Buffer.byteLength(end)
  const middle = Buffer.alloc(room - (room % Buffer.byteLength(pattern)), pattern)
  return Buffer.concat([Buffer.from(start), middle, Buffer.from(end)])
}

function numbered(line: (n: number) => string, start = head, end = ''): Buffer {
  const whole = Buffer.alloc(size, '\n')
  let at = whole.write(start)
  for (let n = 0; at < size - 100; n++) at += whole.write(line(n), at)
  whole.write(end, size - end.length - 1)
  return whole
}

const bombs: Readonly<Record<string, () => Buffer>> = {
  'opening brackets': () => repeated('[', ''),
  'opening braces': () => repeated('{', ''),
  'maps in maps, as JSON': () => repeated('{"a":', ''),
  'brackets behind a key': () => repeated('[', `${head}a: `),
  'a list of lists': () => repeated('[],', `${head}a: [`, ']'),
  'a list of maps': () => repeated('{a: b},', `${head}a: [`, ']'),
  'lists in lists in one line': () => repeated('- ', `${head}a:\n  `),
  'question marks': () => repeated('? ', `${head}a:\n  `),
  'keys behind question marks': () => repeated('  ? a\n', `${head}a:\n`),
  'a double quote without end': () => repeated('x', `${head}a: "`),
  'single quotes in quotes': () => repeated("''", `${head}a: '`),
  escapes: () => repeated('\\x41', `mlflow_version: "`),
  quotes: () => repeated('"', `${head}a: `),
  anchors: () => repeated('- &a x\n', `${head}a:\n`),
  'anchors of one value': () => repeated('&a ', `${head}a: `),
  aliases: () => repeated('*a ,', `${head}a: [`, ']'),
  tags: () => repeated('- !a x\n', `${head}a:\n`),
  tabs: () => repeated('\t'),
  comments: () => repeated('#\n'),
  'one comment': () => repeated(' #'),
  'block text in one value': () => repeated(' x\n', `${head}a: |\n`),
  'blank lines of a block text': () => repeated('\n', `${head}a: |\n`),
  'block texts': () => repeated('a: |\n'),
  'block texts with blank lines': () => repeated('a: >\n\n\n\n\n'),
  'a ladder of maps': () => numbered((n) => `${' '.repeat(n)}a:\n`),
  'ladders of maps': () => numbered((n) => `${' '.repeat((n % 240) + 1)}a:\n`, `${head}a:\n`),
  'short keys': () => repeated('a:\n'),
  'different keys': () => numbered((n) => `k${n}: 1\n`),
  'different flavors': () => numbered((n) => ` k${n}:\n`, 'flavors:\n'),
  'different flavors in one line': () => numbered((n) => `"k${n}":1,`, '{"flavors":{', '"python_function":1}}'),
  'one word': () => repeated('x', ''),
  'one key': () => repeated('x', head, ': a'),
  'a plain text of many lines': () => repeated(' x\n', `${head}a: b\n`),
  'plain texts with blank lines': () => repeated('a: b\n\n\n\n\n'),
  'a plain text of many lines in brackets': () => repeated('x\n', `${head}a: [`, ']'),
  spaces: () => repeated(' '),
  'spaces in a version': () => repeated(' ', `mlflow_version: 3.1.0`),
  colons: () => repeated(':', `${head}a: `),
  'ends of line of an old Mac': () => repeated('a: 1\r'),
  'ends of line of Windows': () => repeated('a: 1\r\n'),
  zeros: () => repeated('\0'),
  documents: () => repeated('---\n', ''),
  'lists of lists': () => repeated('- - a\n', `${head}a:\n`),
  'letters that are no ASCII': () => repeated('é😀', `${head}a: "`, '"'),
  'bytes that are no UTF-8': () => repeated('\u00ff', '').fill(0xff),
}

// One is read first, so that the compiler's time does not count.
ourAnswer(repeated('a: [b, "c"]\n').subarray(0, MIB / 4))
const names = process.argv.slice(3)
for (const [name, make] of Object.entries(bombs)) {
  if (names.length > 0 && !names.includes(name)) continue
  const bytes = make()
  const before = process.cpuUsage().user
  const answer = ourAnswer(bytes)
  const milliseconds = (process.cpuUsage().user - before) / 1000
  console.log(JSON.stringify({ name, answer, msPerMib: Math.round(milliseconds / (bytes.length / MIB)) }))
}
console.log(JSON.stringify({ mib: Math.round(peakMemory()) }))
