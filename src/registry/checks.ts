/** The checks of the section `registries` in lake.yml. */
import { finding } from '../lake/issues.ts'
import { oneOfKeys, unwanted } from '../lake/key-checks.ts'
import type { Part } from '../lake/part.ts'
import type { Finding } from '../lake/problem.ts'
import { secretArn } from '../lake/secret-name.ts'
import { below, byPlace, select, textOf, type Found, type MapNode } from '../lake/tree.ts'

export const registryPart: Part = {
  names: ['registries'],
  checks: [
    (root) => select(root, 'registries.*').flatMap((registry) => registryFindings(root, registry)),
    secretRegions,
  ],
}

/** The functions run in one region, and Secrets Manager finds only the secrets of its own. */
function secretRegions(root: MapNode): Finding[] {
  const regions = ['registries.*.secret', 'databricks.secret']
    .flatMap((pattern) => select(root, pattern))
    .flatMap((found) => {
      const region = secretArn(textOf(found.node) ?? '')?.region
      return region === undefined ? [] : [{ found, region }]
    })
    .toSorted((a, b) => byPlace(a.found, b.found))
  const [first, ...others] = regions
  return others
    .filter(({ region }) => region !== first?.region)
    .map(({ found }) => {
      const expected = `a secret in ${first!.region}, as the other: Landfall reads secrets in its own region only`
      return finding('a secret in another region', expected, found, found.path, undefined)
    })
}

function registryFindings(root: MapNode, registry: Found): Finding[] {
  if (registry.node.kind !== 'map') return []
  const either = oneOfKeys(registry, ['mlflow', 'databricks'])
  if (either.length > 0) return either
  const [databricks] = below(registry, 'databricks')
  if (databricks === undefined) return oneOfKeys(registry, ['secret', 'server'])
  const credentials = ['secret', 'server'].flatMap((key) =>
    below(registry, key).map((found) =>
      unwanted(found, `no ${key} with databricks: it uses the secret of the section databricks`),
    ),
  )
  if (root.entries.has('databricks')) return credentials
  const removedAt = root.removed.get('databricks')
  const expected = 'a section databricks, with the host and the secret of the workspace'
  const missing = finding('the workspace is not declared', expected, databricks, databricks.path, undefined)
  return [...credentials, removedAt === undefined ? missing : { ...missing, at: removedAt }]
}
