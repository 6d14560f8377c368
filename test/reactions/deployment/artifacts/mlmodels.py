"""Writes MLmodels with MLflow, and reads documents with the YAML library that MLflow reads them with.

    mlmodels.py FOLDER DOCUMENTS

Writes FOLDER/NAME for each model. DOCUMENTS is a file with a JSON list of texts; prints a JSON list with the answer to each: what the
document is, or null if it cannot be read.
"""
import json
import sys
from pathlib import Path

import yaml
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema

COLUMNS = 20_000


def models():
    shared = {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}
    pyfunc = {"loader_module": "mlflow.sklearn", "env": shared, "python_version": "3.11.2"}
    columns = Schema([ColSpec("double", f"a column of sensor {n:05}, in degrees 'C'") for n in range(COLUMNS)])
    wide = Model(run_id="r", artifact_path="model", signature=ModelSignature(inputs=columns, outputs=columns))
    wide.add_flavor("python_function", **pyfunc)
    yield "wide", wide
    odd = Model(
        metadata={
            "prompt": "You are\nflavors:\n  python_function: {}\n\n\tmlflow_version: 1.0.0\n---\n...\n",
            "long key " * 40: [1, None, {"shared": shared}],
            "text": ["it's \"x\"", "# no comment", "- a", "a: b", "", " ", "\u2028\ufeffé😀", "null", "x" * 500, "words " * 100],
            "flavors": {"python_function": shared},
            "bytes": b"\x00\xff" * 100,
            "nested": [[[{"a": [[1], []]}]], {}, {"b": {}}],
        },
        resources={"api_version": "1", "databricks": {}},
    )
    odd.add_flavor("python_function", **pyfunc)
    odd.add_flavor("sklearn", env=shared, code=None)
    yield "odd", odd
    other = Model(metadata={"flavors": "python_function"})
    other.add_flavor("spark", model_data="sparkml")
    yield "spark", other
    yield "empty", Model()


def answer(text):
    try:
        document = yaml.safe_load(text)
    except Exception:
        return None
    if not isinstance(document, dict):
        return {"document": None}
    flavors = document.get("flavors")
    version = document.get("mlflow_version")
    return {
        "document": {
            "flavors": {"python_function": 1} if isinstance(flavors, dict) and "python_function" in flavors else {},
            "mlflow_version": version if isinstance(version, str) else None,
        }
    }


if __name__ == "__main__":
    folder, documents = sys.argv[1:]
    for name, model in models():
        model.save(Path(folder, name))
    print(json.dumps([answer(text) for text in json.loads(Path(documents).read_text())]))
