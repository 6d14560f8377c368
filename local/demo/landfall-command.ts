import { main } from '../../cli/main.ts'

/** Runs `landfall ARGS` in this process and answers its last line. @throws Error with its output where it fails */
export async function landfall(args: readonly string[]): Promise<string> {
  const lines = await landfallLines(args)
  return lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
}

/** The same, with all of its lines. */
export async function landfallLines(args: readonly string[], width = 120): Promise<string[]> {
  const lines: string[] = []
  const print = (line: string): void => void lines.push(line)
  const code = await main(args, { out: print, err: print, width })
  if (code !== 0) throw new Error(`landfall ${args.join(' ')} exits with ${code}:\n${lines.join('\n')}`)
  return lines
}
