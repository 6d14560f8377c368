import { type Location, locationUri } from '../../../src/lake/lake.ts'
import type { Artifacts } from '../../../src/reactions/deployment/ports.ts'
import { isMarker, type ModelFile, MOST_FILES } from '../../../src/reactions/deployment/artifacts/files.ts'
import { checkFolder, inspected, tooManyFiles } from '../../../src/reactions/deployment/artifacts/inspect.ts'

/** Folders of models in memory, and the packages made of them. */
export interface ArtifactsTwin extends Artifacts {
  /** `inspect s3://…`, `pack s3://… s3://…`, `remove s3://…`, in order. */
  readonly calls: string[]
  /** Writes objects below the folder, by path; existing ones are replaced. */
  put(folder: Location, files: Readonly<Record<string, string>>): void
  /** Writes the folder of a model as MLflow logs it. */
  log(folder: Location, mlflowVersion?: string): void
  /** Deletes a whole folder. */
  drop(folder: Location): void
  /** The contents of each package by path, by its `s3://` URI. */
  readonly packages: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** If set, no package is made in time. */
  isSlow: boolean
}

export function artifactsTwin(): ArtifactsTwin {
  const objects = new Map<string, string>()
  const packages = new Map<string, Record<string, string>>()
  const calls: string[] = []
  const list = (folder: Location): (ModelFile & { body: string })[] => {
    const start = `${locationUri(folder)}/`
    return [...objects]
      .filter(([uri]) => uri.startsWith(start))
      .map(([uri, body]) => ({ path: uri.slice(start.length), size: Buffer.byteLength(body), etag: `"${body}"`, body }))
  }
  const put = (folder: Location, files: Readonly<Record<string, string>>): void => {
    for (const [path, body] of Object.entries(files)) objects.set(`${locationUri(folder)}/${path}`, body)
  }

  const twin: ArtifactsTwin = {
    calls,
    packages,
    isSlow: false,
    put,
    log: (folder, mlflowVersion = '3.17.2') => put(folder, modelFiles(mlflowVersion)),
    drop(folder) {
      for (const { path } of list(folder)) objects.delete(`${locationUri(folder)}/${path}`)
    },
    async inspect(folder, uncompressed) {
      calls.push(`inspect ${locationUri(folder)}`)
      const files = list(folder)
      if (files.length > MOST_FILES) throw tooManyFiles(folder)
      const { path } = checkFolder(folder, files, uncompressed)
      return inspected(folder, files, Buffer.from(objects.get(`${locationUri(folder)}/${path}`) as string))
    },
    async pack(folder, to) {
      calls.push(`pack ${locationUri(folder)} ${locationUri(to)}`)
      const files = list(folder)
      checkFolder(folder, files, false)
      if (twin.isSlow) return 'too-slow'
      const bodies = files.filter((file) => !isMarker(file)).map(({ path, body }) => [path, body])
      packages.set(locationUri(to), Object.fromEntries(bodies) as Record<string, string>)
      return 'packed'
    },
    async removePackage(at) {
      calls.push(`remove ${locationUri(at)}`)
      packages.delete(locationUri(at))
    },
  }
  return twin
}

/** The files of `mlflow.sklearn.log_model`, with only the contents that matter here. */
export function modelFiles(mlflowVersion: string): Record<string, string> {
  return {
    MLmodel: `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.2
  sklearn:
    pickled_model: model.pkl
    serialization_format: cloudpickle
mlflow_version: ${mlflowVersion}
model_uuid: 7d2a9c5e1b5f4d0f9a3f8a4a1b6c2d3e
`,
    'conda.yaml': 'name: mlflow-env\n',
    'model.pkl': 'not really a pickle',
    'requirements.txt': `mlflow==${mlflowVersion}\n`,
  }
}
