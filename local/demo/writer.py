"""
Writes real flights into a Delta table on S3 with delta-rs. One JSON command per line on stdin, one JSON answer per line on stdout,
until stdin closes. It knows nothing of Landfall.

    usage: writer.py LOCATION FLIGHTS.parquet AIRPORTS.csv        (the AWS endpoint comes from the environment)
"""

import json
import os
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from deltalake import ColumnProperties, DeltaTable, WriterProperties, write_deltalake

LOCATION, FLIGHTS, AIRPORTS = sys.argv[1:4]
STORAGE = {"aws_endpoint": os.environ["AWS_ENDPOINT_URL"], "allow_http": "true", "aws_conditional_put": "etag"}
# Small files, so that compaction has something to do.
ROWS_A_FILE = 100_000


class Writer:
    def __init__(self) -> None:
        flights = pyarrow.parquet.read_table(FLIGHTS)
        month = pc.strftime(flights["date"], format="%Y-%m").cast(pa.string())
        flights = flights.set_column(3, "origin", flights["origin"].cast(pa.string()))
        self.flights = flights.append_column("month", month)
        states = pyarrow.csv.read_csv(AIRPORTS).select(["iata", "state"])
        self.states = states.rename_columns({"iata": "origin", "state": "origin_state"})
        self.written: list[pa.Table] = []

    def append(self, month: str, state: bool = False) -> None:
        """Appends a month of flights. `state` adds the column origin_state, which the table may not have yet."""
        rows = self.flights.filter(pc.equal(self.flights["month"], month))
        if state:
            rows = rows.join(self.states, "origin", join_type="left outer")
        for start in range(0, rows.num_rows, ROWS_A_FILE * 3):
            write_deltalake(
                LOCATION,
                rows.slice(start, ROWS_A_FILE * 3),
                mode="append",
                partition_by=["month"],
                schema_mode="merge" if state else None,
                target_file_size=1_000_000,
                writer_properties=WriterProperties(max_row_group_size=ROWS_A_FILE),
                storage_options=STORAGE,
            )
        self.written.append(rows)

    def delete(self, below: int) -> None:
        """Deletes flights that left more than `below` minutes early: mistakes in the source."""
        self.table().delete(f"delay < {below}")
        self.written = [rows.filter(pc.greater_equal(rows["delay"], below)) for rows in self.written]

    def compact(self) -> None:
        self.table().optimize.compact()

    def describe(self, table: str, column: str, comment: str) -> None:
        self.table().alter.set_table_description(table)
        self.table().alter.set_column_metadata(column, {"comment": comment})

    def truth(self) -> dict[str, object]:
        """What a reader must find, computed from the source and not from the table."""
        rows = sum(part.num_rows for part in self.written)
        delay = sum(pc.sum(part["delay"]).as_py() for part in self.written)
        return {"rows": rows, "delay": delay}

    def table(self) -> DeltaTable:
        return DeltaTable(LOCATION, storage_options=STORAGE)

    def state(self) -> dict[str, object]:
        table = self.table()
        commit = table.history(1)[0]
        return {
            "version": table.version(),
            # ms since the epoch, from delta-rs's commit.
            "committed": commit["timestamp"],
            "operation": commit["operation"],
            "files": len(table.file_uris()),
        }


writer = Writer()
print(json.dumps({"months": sorted(pc.unique(writer.flights["month"]).to_pylist())}), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = getattr(writer, command.pop("do"))(**command)
        print(json.dumps(writer.state() if answer is None else answer), flush=True)
    except Exception as error:  # the caller shows it and ends the demo
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
