"""As ours.ts, with delta-rs. The sums only prove that both read the same, so they are outside the time and the memory."""
import json
import resource
import sys
import time

from deltalake import DeltaTable

started = time.perf_counter()
table = DeltaTable(sys.argv[1])
actions = table.get_add_actions(flatten=True)
files = actions.num_rows
seconds = time.perf_counter() - started
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
bytes_, rows = (sum(actions.column(name).to_pylist()) for name in ("size_bytes", "num_records"))
print(json.dumps(dict(version=table.version(), files=files, bytes=bytes_, rows=rows, seconds=seconds, megabytes=megabytes)))
