"""
awswrangler registers the files under LOCATION and their partitions in Glue.

    usage: peer.py ENDPOINT LOCATION DATABASE TABLE SAMPLING    (SAMPLING: the share of the files that it reads; 1 is its default)
"""

import json
import sys
import time

import awswrangler as wr

endpoint, location, database, table, sampling = sys.argv[1:]
wr.config.s3_endpoint_url = endpoint
wr.config.glue_endpoint_url = endpoint
began = time.monotonic()
columns, partition_columns, partitions = wr.s3.store_parquet_metadata(
    path=location, database=database, table=table, dataset=True, sampling=float(sampling), mode="overwrite"
)
ms = (time.monotonic() - began) * 1000
print(json.dumps({"ms": ms, "partitions": len(partitions), "columns": {**columns, **partition_columns}}))
