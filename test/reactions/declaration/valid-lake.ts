/** A lake with every kind of section, for tests to put faults into. */
export const validLake = `lake: flights
buckets:
  raw: flights-raw
  lake: { name: flights-lake, existing: true }
tables:
  flights:
    location: s3://\${buckets.lake}/silver/flights
    format: delta
    catalog: { database: silver }
    load: { warehouse: analytics, target: public.flights, mode: merge, keys: [flight_id] }
    archive: [{ after: 90 days, to: GLACIER_IR }]
  uploads:
    location: s3://\${buckets.raw}/uploads
    format: json
    partitions: [dt]
    job: { name: clean, quiet: 20 s, files: 1000 }
    catalog: { database: silver, table: uploads }
streams:
  positions: { kinesis: positions, into: flights, schema: position.json }
models:
  delay:
    registry: main
    promote: { alias: champion }
    endpoint: { name: delay, instance: ml.m5.large, instances: 2, rollout: { canary: 10%, bake: 10 min } }
warehouses: { analytics: { workgroup: analytics, database: dev } }
registries: { main: { mlflow: 'https://mlflow.example.com', secret: landfall/mlflow, artifacts: s3://mlflow } }
databricks: { host: 'https://dbc.example.com', secret: landfall/databricks, jobs: { clean: { id: 42 } } }
`
