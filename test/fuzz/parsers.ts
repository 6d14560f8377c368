import type { Parser } from './parser.ts'

/** Every parser that meets other people's bytes, loaded on its own: a process has only what it runs. */
const PARSERS: Readonly<Record<string, () => Promise<Parser>>> = {
  parquet: async () => (await import('./parsers/parquet.ts')).parquet,
  checkpoint: async () => (await import('./parsers/checkpoint.ts')).checkpoint,
  commit: async () => (await import('./parsers/commit.ts')).commit,
  avro: async () => (await import('./parsers/avro.ts')).avro,
  csv: async () => (await import('./parsers/csv.ts')).csv,
  json: async () => (await import('./parsers/json.ts')).json,
  mlmodel: async () => (await import('./parsers/mlmodel.ts')).mlmodel,
  s3: async () => (await import('./parsers/s3.ts')).s3,
  webhook: async () => (await import('./parsers/webhook.ts')).webhook,
}

export const parserNames: readonly string[] = Object.keys(PARSERS)

export function loadParser(name: string): Promise<Parser> {
  const load = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined
  if (load === undefined) throw new Error(`no parser '${name}': expected one of ${parserNames.join(', ')}`)
  return load()
}
