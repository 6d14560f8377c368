/**
 * Checks CloudFormation templates with checkov, without network: `node scripts/checkov.ts TEMPLATE…`. Prints each finding that
 * `infra/accepted-findings.ts` does not accept, and each of its rows that no template needs. Exits with 1 if there is any.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Accepted, accepted } from '../infra/accepted-findings.ts'

export interface Finding {
  readonly rule: string
  /** checkov's sentence on the rule. */
  readonly says: string
  /** Logical id. */
  readonly on: string
  /** Path of the template. */
  readonly template: string
  /** Whether the template is of a lake with `kms`. */
  readonly hasKey: boolean
}

/** A line for each finding that no row accepts, and for each row that accepts none. */
export function complaints(findings: readonly Finding[], rows: readonly Accepted[]): string[] {
  const accepts = (row: Accepted, { rule, on, hasKey }: Finding) =>
    row.rule === rule && row.on.test(on) && !(row.mendedByKey === true && hasKey)
  return [
    ...findings
      .filter((finding) => !rows.some((row) => accepts(row, finding)))
      .map(({ rule, says, on, template }) => `${template}: ${on}: ${rule}: ${says}`),
    ...rows
      .filter((row) => !findings.some((finding) => accepts(row, finding)))
      .map(({ rule, on }) => `infra/accepted-findings.ts: ${rule} on ${on}: no template needs this row`),
  ]
}

interface Report {
  readonly summary: { readonly parsing_errors: number; readonly resource_count: number }
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string
      readonly check_name: string
      readonly resource: string
      readonly file_abs_path: string
    }[]
  }
}

async function scan(templates: readonly string[]): Promise<Finding[]> {
  const program = join(import.meta.dirname, '../.landfall/checkov/bin/checkov')
  const options = ['--framework', 'cloudformation', '--skip-download', '--soft-fail', '--quiet', '--compact']
  const files = templates.map((path) => join(process.cwd(), path))
  const { stdout } = await promisify(execFile)(program, [...options, '-o', 'json', '-f', ...files], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const { results, summary } = JSON.parse(stdout) as Report
  if (summary.parsing_errors > 0 || summary.resource_count === 0)
    throw new Error(`checkov could not read the templates: ${JSON.stringify(summary)}`)
  const withKey = await Promise.all(files.map(hasKey))
  return results.failed_checks.map(({ check_id: rule, check_name: says, resource, file_abs_path: path }) => {
    const at = files.indexOf(path)
    return { rule, says, on: resource.split('.').at(-1)!, template: templates[at]!, hasKey: withKey[at]! }
  })
}

async function hasKey(path: string): Promise<boolean> {
  const { Resources } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly Resources: { readonly Ledger: { readonly Properties: object } }
  }
  return 'SSESpecification' in Resources.Ledger.Properties
}

if (import.meta.main) {
  const found = complaints(await scan(process.argv.slice(2)), accepted)
  for (const line of found) console.log(line)
  if (found.length > 0) process.exitCode = 1
}
