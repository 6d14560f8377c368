"""Writes tables with delta-rs into the folder argv[1], and prints what delta-rs itself reads of each version of each."""
import json
import os
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

root = sys.argv[1]


def at(name):
    return os.path.join(root, name)


def numbers(first, count=3):
    return pa.table({"id": pa.array(range(first, first + count), pa.int64()), "name": [f"n{i}" for i in range(first, first + count)]})


def appended():
    for first in range(12):
        write_deltalake(at("appended"), numbers(first), mode="append", name="flights", description="a description")


def odd_partitions():
    values = ["a b", "x/y", "100%", "é€", "a=b&c", "q\"u'o", None, "plain", "a%20b", "tab\there"]
    for value in values:
        table = pa.table({"id": [1, 2], "p": pa.array([value, value], pa.string()), "d": [date(2020, 2, 29), None]})
        write_deltalake(at("odd-partitions"), table, mode="append", partition_by=["p", "d"])
    DeltaTable(at("odd-partitions")).create_checkpoint()
    write_deltalake(at("odd-partitions"), pa.table({"id": [3], "p": ["after: checkpoint"], "d": [date(1, 1, 1)]}), mode="append")


def rewritten():
    for first in (0, 10, 20):
        write_deltalake(at("rewritten"), numbers(first, 10), mode="append")
    table = DeltaTable(at("rewritten"))
    table.delete("id = 4")
    table.update(predicate="id > 20", updates={"name": "'changed'"})
    table.create_checkpoint()
    table.optimize.compact()
    source = numbers(5, 3)
    (
        DeltaTable(at("rewritten"))
        .merge(source, "t.id = s.id", source_alias="s", target_alias="t")
        .when_matched_update_all()
        .when_not_matched_insert_all()
        .execute()
    )
    write_deltalake(at("rewritten"), numbers(100), mode="overwrite")


def evolved():
    write_deltalake(at("evolved"), numbers(0))
    table = DeltaTable(at("evolved"))
    table.alter.add_columns([Field("extra", PrimitiveType("double"))])
    table.alter.set_table_properties({"delta.appendOnly": "false", "delta.logRetentionDuration": "interval 1 days"})
    wide = pa.table({
        "id": pa.array([9], pa.int64()),
        "name": ["n9"],
        "extra": [0.5],
        "when": [datetime(2020, 1, 1, tzinfo=timezone.utc)],
        "local": pa.array([datetime(2020, 1, 1)], pa.timestamp("us")),
        "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        "nested": [{"a": [1, 2], "b": {"c": "d"}}],
        "pairs": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())),
        "raw": [b"\x00\xff"],
        "yes": [True],
    })
    write_deltalake(at("evolved"), wide, mode="append", schema_mode="merge")
    DeltaTable(at("evolved")).create_checkpoint()


def cleaned_up():
    for first in range(6):
        write_deltalake(at("cleaned-up"), numbers(first), mode="append")
        if first == 3:
            DeltaTable(at("cleaned-up")).create_checkpoint()
    for version in range(3):
        os.remove(os.path.join(at("cleaned-up"), "_delta_log", f"{version:020}.json"))


def without_statistics():
    write_deltalake(at("without-statistics"), numbers(0), configuration={"delta.dataSkippingNumIndexedCols": "0"})
    write_deltalake(at("without-statistics"), numbers(5), mode="append")
    DeltaTable(at("without-statistics")).create_checkpoint()


def structured_statistics():
    write_deltalake(at("structured"), numbers(0), configuration={"delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false"})
    write_deltalake(at("structured"), numbers(5), mode="append")
    DeltaTable(at("structured")).create_checkpoint()


def read(name, version):
    table = DeltaTable(at(name), version=version)
    actions = table.get_add_actions(flatten=True)
    columns = actions.schema.names
    paths = [unquote(path) for path in actions.column("path").to_pylist()]
    records = actions.column("num_records").to_pylist() if "num_records" in columns else [None] * actions.num_rows
    metadata, protocol = table.metadata(), table.protocol()
    return {
        "table": name,
        "version": table.version(),
        "files": sorted(paths),
        "partitions": dict(zip(paths, actions.column("partition.p").to_pylist())) if "partition.p" in columns else {},
        "bytes": sum(actions.column("size_bytes").to_pylist()),
        "rows": None if None in records else sum(records),
        "schema": json.loads(table.schema().to_json()),
        "partitionColumns": metadata.partition_columns,
        "properties": metadata.configuration,
        "id": metadata.id,
        "name": metadata.name,
        "description": metadata.description,
        "minReaderVersion": protocol.min_reader_version,
        "minWriterVersion": protocol.min_writer_version,
        "readerFeatures": sorted(protocol.reader_features or []),
        "writerFeatures": sorted(protocol.writer_features or []),
    }


writers = [appended, odd_partitions, rewritten, evolved, cleaned_up, without_statistics, structured_statistics]
for write in writers:
    write()
for name in sorted(os.listdir(root)):
    newest = DeltaTable(at(name)).version()
    oldest = 3 if name == "cleaned-up" else 0
    for version in range(oldest, newest + 1):
        print(json.dumps(read(name, version)))
