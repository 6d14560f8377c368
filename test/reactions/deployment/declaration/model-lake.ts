/** A lake with a model of each kind of endpoint and a registry of each kind, for tests to put faults into. */
export const validModels = `lake: flights
buckets: { raw: flights-raw, lake: flights-lake }
tables:
  flights: { location: 's3://\${buckets.lake}/silver/flights', format: delta }
models:
  delay:
    registry: main
    model: Flight delay
    promote: { alias: champion }
    image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1
    role: arn:aws:iam::123456789012:role/serving
    environment: { WORKERS: '2' }
    package: s3://\${buckets.lake}/packages
    endpoint:
      name: delay
      instance: ml.m5.large
      instances: { min: 2, max: 4, invocations: 200 }
      rollout: { canary: 10%, bake: 10 min }
      alarms: { errors: 5%, latency: 500 ms }
      capture: { to: 's3://\${buckets.lake}/captured', sample: 10% }
      smoke: { request: { inputs: [1, null] }, expect: { predictions: [number] } }
      keep: 3
  serverless:
    registry: unity
    model: prod.flights.serverless
    promote: { alias: champion }
    package: s3://\${buckets.lake}/packages
    endpoint: { name: serverless, serverless: { memory: 2 GB, concurrency: 10, provisioned: 2 } }
  staged:
    registry: workspace
    promote: { stage: Production }
    endpoint: { name: staged, instance: ml.m5.large }
registries:
  main: { mlflow: 'https://mlflow.example.com', secret: landfall/mlflow, artifacts: s3://mlflow }
  managed: { mlflow: 'https://t.example.com', server: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team', artifacts: s3://mlflow }
  workspace: { databricks: workspace, artifacts: s3://databricks/models }
  unity: { databricks: unity-catalog, artifacts: s3://databricks/unity }
databricks: { host: 'https://dbc.example.com', secret: landfall/databricks }
`
