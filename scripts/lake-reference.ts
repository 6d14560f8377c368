/** The table of keys in `docs/lake.md`, made from the schema that validates lake.yml. */
import type { JsonSchema } from '../src/lake/json-schema.ts'
import { lakeJsonSchema } from '../src/reactions/declaration/json-schema.ts'

const begin = '<!-- keys: made by scripts/schemas.ts -->'
const end = '<!-- end of keys -->'

/** `page` with its table of keys made again. */
export function lakeReference(page: string): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`docs/lake.md: expected '${begin}' and '${end}' around its table of keys`)
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`
}

function table(): string {
  const rows = keys(lakeJsonSchema(), '')
  const lines = rows.map(({ path, type, fallback, meaning }) => `| \`${path}\` | ${type} | ${fallback} | ${meaning} |`)
  return ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

interface Row {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly meaning: string
}

function keys(schema: JsonSchema, path: string): Row[] {
  const required = new Set(schema.required)
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`
    // A stage has the same keys again.
    return [row(at, value, required.has(key)), ...(at === 'stages' ? [] : keys(value, at))]
  })
  const named = schema.additionalProperties ? entries(schema.additionalProperties, `${path}.NAME`) : []
  const items = [schema.items, ...(schema.items?.anyOf ?? [])].flatMap((item) =>
    item?.properties ? keys(item, `${path}[]`) : [],
  )
  return [...own, ...named, ...items, ...(schema.anyOf ?? []).flatMap((branch) => keys(branch, path))]
}

function entries(value: JsonSchema, path: string): Row[] {
  return [{ ...row(path, value, false), fallback: '' }, ...keys(value, path)]
}

function row(path: string, schema: JsonSchema, required: boolean): Row {
  return {
    path,
    type: typeOf(schema),
    fallback: required ? '**required**' : fallbackOf(schema),
    meaning: (schema.description ?? '').replaceAll('|', '\\|'),
  }
}

function fallbackOf(schema: JsonSchema): string {
  if (schema['x-default'] !== undefined) return schema['x-default']
  return schema.default === undefined ? 'none' : `\`${JSON.stringify(schema.default).replaceAll('"', '')}\``
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ')
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    boolean: '`true` or `false`',
    array: 'list',
    object: 'map',
  }
  return names[schema.type ?? ''] ?? 'anything'
}
