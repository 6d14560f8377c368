"""Saves MLflow models into the folder of the first argument: one that doubles, one that does not load, one whose answers are 500."""

import sys
import tarfile

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR
from sklearn.linear_model import LinearRegression

folder = sys.argv[1]
requirements = {"pip_requirements": [f"mlflow=={mlflow.__version__}"]}


class Broken(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        raise RuntimeError("this model does not load")

    def predict(self, context, model_input, params=None):
        return model_input


class Failing(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        raise MlflowException("this model is of no use", error_code=INTERNAL_ERROR)


doubling = LinearRegression().fit(np.array([[1.0], [2.0], [3.0]]), [2.0, 4.0, 6.0])
mlflow.sklearn.save_model(doubling, f"{folder}/doubling", **requirements)
mlflow.pyfunc.save_model(f"{folder}/broken", python_model=Broken(), **requirements)
mlflow.pyfunc.save_model(f"{folder}/failing", python_model=Failing(), **requirements)
with tarfile.open(f"{folder}/failing.tar.gz", "w:gz") as package:
    package.add(f"{folder}/failing", arcname=".")
