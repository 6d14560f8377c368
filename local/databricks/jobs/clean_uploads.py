"""
The demo's Databricks job: reads exactly the files that Landfall names, cleans their rows and commits them to a Delta table.

It is idempotent: a run for the same files replaces their rows, in one commit. The table's log has the source's versions of the last
run as application transactions, so a run that is repeated at once changes nothing.

    usage: clean_uploads.py --target s3://BUCKET/PREFIX --landfall_table NAME --landfall_version N …
"""

import argparse
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from pyarrow.fs import FileSystem, S3FileSystem

SOURCE = "source_file"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--landfall_table", required=True)
    parser.add_argument("--landfall_location", required=True)
    parser.add_argument("--landfall_format", required=True, choices=sorted(READERS))
    parser.add_argument("--landfall_after", required=True, type=int)
    parser.add_argument("--landfall_version", required=True, type=int)
    # One of the two: the files, or the manifest that lists them if there are many.
    parser.add_argument("--landfall_files", default="")
    parser.add_argument("--landfall_manifest", default="")
    return parser.parse_args()


def s3() -> FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is None:
        return S3FileSystem()
    scheme, host = endpoint.split("://")
    return S3FileSystem(endpoint_override=host, scheme=scheme, region=os.environ.get("AWS_REGION", "us-east-1"))


def storage_options() -> dict[str, str]:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    local = {} if endpoint is None else {"aws_endpoint": endpoint, "allow_http": "true"}
    return {"aws_conditional_put": "etag", **local}


def named_files(given: argparse.Namespace, files: FileSystem) -> list[dict]:
    if given.landfall_manifest:
        with files.open_input_stream(path_of(given.landfall_manifest)) as stream:
            manifest = json.loads(stream.read())
        if manifest["version"] != given.landfall_version:
            raise SystemExit(f"{given.landfall_manifest} is of version {manifest['version']}, not {given.landfall_version}")
        return manifest["files"]
    if given.landfall_files:
        return json.loads(given.landfall_files)
    raise SystemExit("neither landfall_files nor landfall_manifest names the files")


def path_of(uri: str) -> str:
    """URIs are not encoded: a `%2B` or `+` is part of the key."""
    return re.sub(r"^s3a?://", "", uri)


READERS = {
    "json": lambda stream: pyarrow.json.read_json(stream),
    "csv": lambda stream: pyarrow.csv.read_csv(stream),
    "parquet": lambda stream: pyarrow.parquet.read_table(stream),
}


def read(file: dict, kind: str, files: FileSystem) -> pa.Table | None:
    """A file's cleaned rows; `None` if it was deleted in between."""
    path = path_of(file["uri"])
    try:
        if kind == "parquet":
            with files.open_input_file(path) as stream:
                rows = READERS[kind](stream)
        else:
            # Decompresses by the file's extension.
            with files.open_input_stream(path) as stream:
                rows = READERS[kind](stream)
    except FileNotFoundError:
        return None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SystemExit(f"{file['uri']} cannot be read as {kind}: {error}")
    for name, value in file.get("partition", {}).items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array([value] * rows.num_rows, pa.string()))
    rows = clean(rows)
    return rows.append_column(SOURCE, pa.array([file["uri"]] * rows.num_rows, pa.string()))


def clean(rows: pa.Table) -> pa.Table:
    """Names in snake_case, strings trimmed, empty strings NULL, no empty rows, no duplicate rows."""
    names = [re.sub(r"\W+", "_", name.strip()).strip("_").lower() for name in rows.column_names]
    if len(set(names)) < len(names):
        raise SystemExit(f"two columns would have one name: {', '.join(rows.column_names)}")
    columns = [trimmed(column) for column in rows.columns]
    rows = pa.table(dict(zip(names, columns)))
    present = [pc.is_valid(column) for column in rows.columns]
    if present:
        keep = present[0]
        for one in present[1:]:
            keep = pc.or_(keep, one)
        rows = rows.filter(keep)
    flat = not any(pa.types.is_nested(field.type) for field in rows.schema)
    return rows.group_by(rows.column_names, use_threads=False).aggregate([]) if flat and rows.num_rows else rows


def trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(text, ""), None, text)


def as_in(table: DeltaTable | None, rows: pa.Table) -> pa.Table:
    """Columns that the table has are cast to its types, if that changes no value."""
    if table is None:
        return rows
    known = {field.name: field.type for field in pa.schema(table.schema().to_arrow())}
    for i, name in enumerate(rows.column_names):
        if name not in known or rows.schema.field(i).type == known[name]:
            continue
        try:
            rows = rows.set_column(i, name, rows[name].cast(known[name]))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SystemExit(f"column {name} is {known[name]} in the table, and the files do not fit: {error}")
    return rows


def together(parts: list[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SystemExit(f"the files do not fit each other: {error}")


def commit(given: argparse.Namespace, table: DeltaTable | None, rows: pa.Table, sources: list[str]) -> str:
    """
    Replaces the table's rows of these files and records the source's version, in one commit. Landfall names a file again when it was
    overwritten, when the end of a run was lost, and when an operator replays.
    """
    app = given.landfall_table
    recorded = (table.transaction_version(app), table.transaction_version(f"{app}/after")) if table else None
    if recorded == (given.landfall_version, given.landfall_after):
        return "already there"
    transactions = [Transaction(app, given.landfall_version), Transaction(f"{app}/after", given.landfall_after)]
    quoted = ", ".join("'" + source.replace("'", "''") + "'" for source in sources)
    replacing = {"mode": "overwrite", "predicate": f"{SOURCE} IN ({quoted})", "schema_mode": "merge"}
    write_deltalake(
        given.target,
        as_in(table, rows),
        commit_properties=CommitProperties(app_transactions=transactions),
        storage_options=storage_options(),
        **(replacing if table else {"mode": "append"}),
    )
    return "committed"


def main() -> None:
    given = arguments()
    files = s3()
    named = named_files(given, files)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda file: read(file, given.landfall_format, files), named))
    gone = [file["uri"] for file, part in zip(named, parts) if part is None]
    for uri in gone:
        print(f"{uri} was deleted before it was read")
    found = [part for part in parts if part is not None]
    if not found:
        print(f"no files left of version {given.landfall_version}: nothing to write")
        return
    options = storage_options()
    table = DeltaTable(given.target, storage_options=options) if DeltaTable.is_deltatable(given.target, options) else None
    rows = together(found)
    done = commit(given, table, rows, [file["uri"] for file in named])
    first, last = given.landfall_after + 1, given.landfall_version
    versions = f"version {last}" if first == last else f"versions {first} to {last}"
    print(f"{rows.num_rows:,} rows of {len(found)} file{'' if len(found) == 1 else 's'}: {done}, {versions}")


main()
