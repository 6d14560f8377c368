"""`peer.py BUCKET FOLDER`: as MLflow packs a model for SageMaker: downloaded, made a tar.gz on the disk, uploaded."""

import json
import os
import resource
import sys
import tempfile
import time

import boto3
import mlflow.artifacts
from mlflow import sagemaker

bucket, folder = sys.argv[1:]
os.environ["MLFLOW_S3_ENDPOINT_URL"] = os.environ["AWS_ENDPOINT_URL"]
began = time.perf_counter()
with tempfile.TemporaryDirectory() as local:
    model = mlflow.artifacts.download_artifacts(f"s3://{bucket}/{folder}", dst_path=local)
    sagemaker._upload_s3(model, bucket, "packages", os.environ["AWS_REGION"], boto3.client("s3"))
ms = (time.perf_counter() - began) * 1000
print(json.dumps({"ms": ms, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
