/** The only place where the fuzz test reads the environment. */
export interface FuzzConfig {
  /** Inputs a parser. */
  readonly inputs: number
  readonly seed: number
}

export function fuzzConfig(): FuzzConfig {
  return { inputs: numberOf('FUZZ', 100_000), seed: numberOf('FUZZ_SEED', 20_261_129) }
}

function numberOf(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`${name}: expected a positive whole number, found '${text}'`)
}
