import { Refused } from '../core/refused.ts'
import { type Location, locationUri } from '../lake/lake.ts'

/**
 * The S3 location of an artifact URI from `model-versions/get-download-uri`. `mlflow-artifacts:/PATH`, with or without the
 * server's authority, is PATH below the server's `--artifacts-destination`, which has to be `artifacts`.
 *
 * The registry is not trusted: otherwise anyone who can write to it could choose which objects of the account are served.
 *
 * @throws {Refused} `artifacts-elsewhere` for a URI that is not S3, not below `artifacts`, or ambiguous
 */
export function artifactLocation(uri: string, artifacts: Location): Location {
  const [, scheme = '', authority, path = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(.*)$/is.exec(uri) ?? []
  const parts = path.replace(/^\/+/, '').replace(/\/$/, '').split('/')
  const proxied = scheme.toLowerCase() === 'mlflow-artifacts'
  if (!proxied && scheme.toLowerCase() !== 's3') throw elsewhere(uri, artifacts, adviceOn(scheme.toLowerCase()))
  const odd = parts.find((part) => part === '' || isAmbiguous(part))
  if (odd !== undefined)
    throw elsewhere(
      uri,
      artifacts,
      'Register the version again from a plain path: no empty parts, no . or .., no % codes.',
    )
  const found = proxied
    ? { bucket: artifacts.bucket, prefix: [artifacts.prefix, ...parts].filter((part) => part !== '').join('/') }
    : { bucket: authority ?? '', prefix: parts.join('/') }
  if (found.bucket === artifacts.bucket && isWithin(found.prefix, artifacts.prefix)) return found
  throw elsewhere(
    uri,
    artifacts,
    "Correct the registry's `artifacts` in lake.yml (the endpoints' roles may read only there), or register the version from there.",
  )
}

const isWithin = (prefix: string, root: string): boolean =>
  root === '' || prefix === root || prefix.startsWith(`${root}/`)

/** What a later reader could take for another path: % codes, a query, a fragment, a backslash. */
function isAmbiguous(part: string): boolean {
  // oxlint-disable-next-line no-control-regex -- it looks for control characters
  if (/[?#\\\u0000-\u001f\u007f]/.test(part) || part === '.' || part === '..') return true
  return /%[0-9a-f]{2}/i.test(part)
}

function adviceOn(scheme: string): string {
  switch (scheme) {
    case 'dbfs':
      return 'SageMaker reads only S3: register the model in Unity Catalog with a managed location on S3, or in MLflow.'
    case 'file':
    case '':
      return 'Start the MLflow server with --default-artifact-root or --artifacts-destination on S3, and log the model again.'
    case 'models':
    case 'runs':
      return 'The registry does not resolve it: register the version again with mlflow.register_model.'
    default:
      return 'SageMaker reads only S3: log the model to S3, and register it from there.'
  }
}

function elsewhere(uri: string, artifacts: Location, advice: string): Refused {
  const root = `${locationUri(artifacts)}/`
  const found = uri.slice(0, 500)
  return new Refused('artifacts-elsewhere', `the artifacts are at ${JSON.stringify(found)}, not under ${root}`, {
    subject: found,
    expected: `s3:// or mlflow-artifacts:, under ${root}`,
    found,
    advice,
  })
}
