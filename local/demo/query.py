"""
Queries a table of the Glue catalog as Athena would. It knows only the table's name: the catalog says that it is a Delta table and
where it is, and its log says which files are live.

    usage: query.py ENDPOINT DATABASE TABLE < SQL        (statements between semicolons; JSON on stdout)
"""

import json
import sys
import time

import botocore.session
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder


def glue_table(endpoint: str, database: str, name: str) -> dict:
    glue = botocore.session.get_session().create_client("glue", endpoint_url=endpoint)
    return glue.get_table(DatabaseName=database, Name=name)["Table"]


def delta_location(table: dict) -> str:
    """The table's location, if both markers that engines look for say Delta, and both locations agree."""
    parameters = table.get("Parameters", {})
    for marker in ("table_type", "spark.sql.sources.provider"):
        if parameters.get(marker, "").lower() != "delta":
            raise SystemExit(f"{table['Name']} is not a Delta table for all engines: {marker} is {parameters.get(marker)!r}")
    storage = table["StorageDescriptor"]
    location = storage["Location"].rstrip("/")
    path = storage["SerdeInfo"]["Parameters"].get("path", "").rstrip("/")
    if path != location:
        raise SystemExit(f"Spark would look in {path!r}, Athena in {location!r}")
    return location


def main(endpoint: str, database: str, name: str) -> None:
    record = glue_table(endpoint, database, name)
    location = delta_location(record)
    storage = {"aws_endpoint": endpoint, "allow_http": "true"}
    table = DeltaTable(location, storage_options=storage)
    engine = QueryBuilder().register(name, table)
    columns = [c["Name"] for c in record["StorageDescriptor"]["Columns"] + record.get("PartitionKeys", [])]
    answers = []
    for statement in filter(None, map(str.strip, sys.stdin.read().split(";"))):
        started = time.monotonic()
        rows = pa.table(engine.execute(statement).read_all()).to_pylist()
        answers.append({"rows": rows, "ms": round((time.monotonic() - started) * 1000)})
    print(json.dumps({"location": location, "version": table.version(), "columns": columns, "answers": answers}, default=str))


main(*sys.argv[1:4])
