"""
A data scientist: trains on real flights, logs with MLflow, registers models and moves the alias, all through the tracking server.
One JSON command per line on stdin, one JSON answer per line on stdout, until stdin closes. It knows nothing of Landfall or
SageMaker.

    usage: trainer.py MODEL FLIGHTS.parquet        (MLFLOW_TRACKING_URI and the AWS endpoint come from the environment)
"""

import json
import logging
import sys
import warnings

import mlflow
import numpy as np
import pandas as pd
import pyarrow.parquet
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

MODEL, FLIGHTS = sys.argv[1:3]
FEATURES = ["distance", "hour", "weekday"]
ROWS = 40_000

# MLflow prints the address of each run on stdout.
answers, sys.stdout = sys.stdout, sys.stderr
warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)


class Broken(mlflow.pyfunc.PythonModel):
    """A model that cannot be loaded, or that answers something else than numbers."""

    def __init__(self, how: str) -> None:
        self.how = how

    def load_context(self, context: object) -> None:
        if self.how == "load":
            raise RuntimeError("the feature store's client is not installed in this image")

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> list:
        return ["late"] * len(model_input)


class Trainer:
    def __init__(self) -> None:
        flights = pyarrow.parquet.read_table(FLIGHTS, columns=["date", "delay", "distance"])
        frame = flights.take(np.random.default_rng(7).choice(flights.num_rows, ROWS, replace=False)).to_pandas()
        frame["hour"] = frame["date"].dt.hour.astype("float64")
        frame["weekday"] = frame["date"].dt.weekday.astype("float64")
        frame["distance"] = frame["distance"].astype("float64")
        self.train, self.test = frame[: ROWS // 2], frame[ROWS // 2 :]
        self.client = mlflow.MlflowClient()
        mlflow.set_experiment("flights")

    def fit(self, kind: str) -> dict[str, object]:
        model = LinearRegression()
        if kind == "curve":
            model = make_pipeline(StandardScaler(), PolynomialFeatures(4), model)
        model.fit(self.train[FEATURES], self.train["delay"])
        predicted = model.predict(self.test[FEATURES])
        example = self.test[FEATURES].head(1)
        with mlflow.start_run():
            error = float(mean_absolute_error(self.test["delay"], predicted))
            mlflow.log_metric("minutes_off", error)
            info = mlflow.sklearn.log_model(
                model, name="model", signature=infer_signature(example, predicted[:1]), registered_model_name=MODEL,
                pip_requirements=["scikit-learn", "pandas"],
            )
        return {"version": str(info.registered_model_version), "off": error, "rows": len(self.train)}

    def register_broken(self, how: str) -> dict[str, object]:
        with mlflow.start_run():
            info = mlflow.pyfunc.log_model(
                python_model=Broken(how), name="model", registered_model_name=MODEL, pip_requirements=["pandas"]
            )
        return {"version": str(info.registered_model_version)}

    def promote(self, version: str, alias: str) -> dict[str, object]:
        self.client.set_registered_model_alias(MODEL, alias, version)
        return {}

    def tags(self, version: str) -> dict[str, object]:
        return dict(self.client.get_model_version(MODEL, version).tags)

    def answers(self, version: str, request: dict) -> dict[str, object]:
        """What the version answers without an endpoint."""
        model = mlflow.pyfunc.load_model(f"models:/{MODEL}/{version}")
        return {"predictions": model.predict(pd.DataFrame(request["dataframe_records"], dtype="float64")).tolist()}


def answer(value: dict[str, object]) -> None:
    print(json.dumps(value), file=answers, flush=True)


trainer = Trainer()
answer({"rows": len(trainer.train)})
for line in sys.stdin:
    command = json.loads(line)
    try:
        answer(getattr(trainer, command.pop("do"))(**command))
    except Exception as error:  # the caller shows it and ends the demo
        answer({"error": f"{type(error).__name__}: {error}"})
