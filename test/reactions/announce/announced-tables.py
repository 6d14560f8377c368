"""Writes tables with delta-rs into the folder argv[1], and prints what delta-rs itself says of each version of each."""
import json
import os
import sys
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

root = sys.argv[1]


def at(name):
    return os.path.join(root, name)


def rows(first, count=4, days=("2026-01-01", "2026-01-02")):
    ids = list(range(first, first + count))
    return pa.table({"id": pa.array(ids, pa.int64()), "name": [f"n{i}" for i in ids], "day": [days[i % len(days)] for i in ids]})


def worked_on(name, **options):
    for first in (0, 10, 20):
        write_deltalake(at(name), rows(first), mode="append", **options)
    DeltaTable(at(name)).delete("id = 11")
    DeltaTable(at(name)).delete("day = '2026-01-02'")
    DeltaTable(at(name)).update(predicate="id >= 20", updates={"name": "'changed'"})
    merge(name, rows(8, 4))
    DeltaTable(at(name)).create_checkpoint()
    DeltaTable(at(name)).optimize.compact()
    write_deltalake(at(name), rows(100, 2), mode="overwrite")
    DeltaTable(at(name)).restore(3)


def merge(name, source):
    (
        DeltaTable(at(name))
        .merge(source, "t.id = s.id", source_alias="s", target_alias="t")
        .when_matched_update_all()
        .when_not_matched_insert_all()
        .execute()
    )


def evolved():
    write_deltalake(at("evolved"), rows(0))
    table = DeltaTable(at("evolved"))
    table.alter.add_columns([Field("extra", PrimitiveType("double")), Field("note", PrimitiveType("string"))])
    table.alter.set_table_properties({"delta.appendOnly": "false", "delta.logRetentionDuration": "interval 1 days"})
    table.alter.set_table_properties({"delta.appendOnly": "true"})
    table.alter.add_constraint({"positive": "id >= 0"})
    wide = pa.table({"id": pa.array([9], pa.int64()), "nested": [{"a": [1, 2], "b": {"c": "d"}}]})
    write_deltalake(at("evolved"), wide, mode="append", schema_mode="merge")
    narrow = pa.table({"id": pa.array(["9"], pa.string()), "other": [1.5]})
    write_deltalake(at("evolved"), rows(5), mode="append", schema_mode="merge")
    table = DeltaTable(at("evolved"))
    table.alter.set_table_properties({"delta.appendOnly": "false"})
    write_deltalake(at("evolved"), narrow, mode="overwrite", schema_mode="overwrite")


def without_statistics():
    write_deltalake(at("without-statistics"), rows(0), configuration={"delta.dataSkippingNumIndexedCols": "0"})
    write_deltalake(at("without-statistics"), rows(5), mode="overwrite")


def fields(table):
    return {field.name: field.type.to_json() for field in table.schema().fields}


def read(name, version):
    table = DeltaTable(at(name), version=version)
    actions = table.get_add_actions(flatten=True)
    columns = actions.schema.names
    records = actions.column("num_records").to_pylist() if "num_records" in columns else [None] * actions.num_rows
    days = actions.column("partition.day").to_pylist() if "partition.day" in columns else [None] * actions.num_rows
    paths = [unquote(path) for path in actions.column("path").to_pylist()]
    return {
        "files": {
            path: {"size": size, "rows": count, "day": day}
            for path, size, count, day in zip(paths, actions.column("size_bytes").to_pylist(), records, days)
        },
        "columns": fields(table),
        "properties": table.metadata().configuration,
        "writer": table.protocol().min_writer_version,
    }


worked_on("plain")
worked_on("partitioned", partition_by=["day"])
evolved()
without_statistics()
for name in sorted(os.listdir(root)):
    table = DeltaTable(at(name))
    for entry in reversed(table.history()):
        version = entry["version"]
        said = {"table": name, "version": version, "operation": entry["operation"], "metrics": entry.get("operationMetrics", {})}
        print(json.dumps({**said, **read(name, version)}, default=str))
