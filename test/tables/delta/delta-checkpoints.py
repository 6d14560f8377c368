"""
Writes one table with delta-rs into argv[1]/origin, and copies of it whose checkpoint is laid out as other engines may: every
compression, page version and encoding, many small pages (Arrow leaves some empty), many row groups.
"""
import os
import shutil
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

root = sys.argv[1]
origin = os.path.join(root, "origin")
for first in range(40):
    day = [None, "a b", "é", "x=y"][first % 4]
    rows = pa.table({"id": [first, first + 1], "day": pa.array([day, day], pa.string())})
    write_deltalake(origin, rows, mode="append", partition_by=["day"])
DeltaTable(origin).create_checkpoint()
name = f"{DeltaTable(origin).version():020}.checkpoint.parquet"
for version in range(DeltaTable(origin).version()):
    os.remove(os.path.join(origin, "_delta_log", f"{version:020}.json"))
checkpoint = pq.read_table(os.path.join(origin, "_delta_log", name))

layouts = {f"codec-{codec}": {"compression": codec} for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4")}
layouts["page-v2"] = {"data_page_version": "2.0", "compression": "snappy"}
layouts["page-v2-none"] = {"data_page_version": "2.0", "compression": "none"}
layouts["no-dictionary"] = {"use_dictionary": False}
layouts["small-pages"] = {"data_page_size": 1, "write_batch_size": 1}
layouts["small-pages-v2"] = {"data_page_size": 1, "write_batch_size": 3, "data_page_version": "2.0"}
layouts["row-groups"] = {"row_group_size": 7}
layouts["delta-lengths"] = {
    "use_dictionary": False,
    "column_encoding": {"add.path": "DELTA_LENGTH_BYTE_ARRAY", "add.stats": "DELTA_BYTE_ARRAY", "add.size": "DELTA_BINARY_PACKED"},
}
layouts["split"] = {"use_dictionary": False, "column_encoding": {"add.size": "BYTE_STREAM_SPLIT"}}
layouts["checksums"] = {"write_page_checksum": True, "write_page_index": True}

for layout, options in layouts.items():
    shutil.copytree(origin, os.path.join(root, layout))
    pq.write_table(checkpoint, os.path.join(root, layout, "_delta_log", name), **options)
    print(layout)
