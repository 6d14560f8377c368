"""
A data scientist that someone else might be: MLflow's own client, on the server of MLFLOW_TRACKING_URI. One JSON command a line
on stdin, one JSON answer a line on stdout, until stdin closes. All goes through the server's REST interface, so its
webhooks fire. It knows nothing of Landfall.

    {"do": "register", "name": "delay", "kind": "good"}  ->  {"version": "1", "source": "models:/m-…"}
"""

import json
import logging
import os
import sys
import time

# What libraries print is not an answer.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import mlflow  # noqa: E402
import mlflow.pyfunc  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

logging.getLogger("mlflow").setLevel(logging.ERROR)
client = MlflowClient()


class Model(mlflow.pyfunc.PythonModel):
    """Predicts `value` for each row. `broken-load` and `broken-predict` fail, `slow` takes `seconds`."""

    def __init__(self, kind: str, value: float, seconds: float) -> None:
        self.kind, self.value, self.seconds = kind, value, seconds

    def load_context(self, context: object) -> None:
        if self.kind == "broken-load":
            raise RuntimeError("this model does not load")

    def predict(self, context: object, model_input, params=None):
        if self.kind == "broken-predict":
            raise RuntimeError("this model does not predict")
        if self.kind == "slow":
            time.sleep(self.seconds)
        return [self.value] * len(model_input)


def model(name: str) -> None:
    """Creates a registered model without versions, if it does not exist."""
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def register(name: str, kind: str = "good", value: float = 1.0, seconds: float = 5.0, tags: dict | None = None) -> dict:
    """Logs a model and registers it."""
    model(name)
    # Not registered by log_model, which checks a model by loading it: a broken one would fail.
    logged = mlflow.pyfunc.log_model(
        name="model", python_model=Model(kind, value, seconds), pip_requirements=[f"mlflow=={mlflow.__version__}"]
    )
    made = client.create_model_version(name, f"models:/{logged.model_id}", model_id=logged.model_id, tags=tags)
    return described(made)


def version(name: str, source: str, tags: dict | None = None) -> dict:
    """Registers a version of existing artifacts, wherever they are."""
    model(name)
    return described(client.create_model_version(name, source, tags=tags))


def described(made) -> dict:
    uri = client.get_model_version_download_uri(made.name, str(made.version))
    return {"version": str(made.version), "source": made.source, "artifacts": uri}


def prompt(name: str, alias: str | None = None) -> None:
    made = client.register_prompt(name, "Explain the delay of {{flight}}.")
    if alias is not None:
        client.set_prompt_alias(name, alias, made.version)


def alias(name: str, alias: str, version: str) -> None:
    client.set_registered_model_alias(name, alias, version)


def unalias(name: str, alias: str) -> None:
    client.delete_registered_model_alias(name, alias)


def stage(name: str, version: str, stage: str, archive: bool = False) -> None:
    client.transition_model_version_stage(name, version, stage, archive_existing_versions=archive)


def tag(name: str, version: str, key: str, value: str) -> None:
    client.set_model_version_tag(name, version, key, value)


def tags(name: str, version: str) -> dict:
    return client.get_model_version(name, version).tags


def delete(name: str, version: str) -> None:
    client.delete_model_version(name, version)


def delete_model(name: str) -> None:
    client.delete_registered_model(name)


COMMANDS = {each.__name__: each for each in (register, version, prompt, alias, unalias, stage, tag, tags, delete, delete_model)}


def main() -> None:
    print(json.dumps({"mlflow": mlflow.__version__}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = COMMANDS[command.pop("do")](**command) or {}
        except Exception as error:  # the caller shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
