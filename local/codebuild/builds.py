"""
Plays builds of CodeBuild. In ministack 1.5.33 a build succeeds when it is started, forgets its variables and its token, and sends
no event. Here it takes two seconds, keeps both, and ends with an event. Nothing is built, since there is no Docker: a build only
adds a record of the image to ECR, and the SageMaker stand-in serves every model with MLflow's own server anyway.
"""

import contextvars
import copy
import json
import re
import threading
import time

from ministack.services import codebuild, ecr, eventbridge

SECONDS = 2
# How long a token answers the build that it started (API reference, StartBuild).
TOKEN_SECONDS = 300
VERSION = re.compile(r"\d+\.\d+\.\d+[.a-z0-9]*")

start_build = codebuild._start_build
started = {}
lock = threading.Lock()


def start(data: dict) -> tuple:
    with lock:
        token = data.get("idempotencyToken")
        key = (codebuild.get_account_id(), codebuild.get_region(), data.get("projectName"), token)
        known = started.get(key)
        if token and known and time.time() - known[0] < TOKEN_SECONDS:
            return again(known, data)
        status, headers, body = start_build(data)
        if status != 200:
            return status, headers, body
        build = codebuild._builds[json.loads(body)["build"]["id"]]
        begin(build, data)
        started[key] = (time.time(), data, build["id"])
        return codebuild.json_response({"build": copy.deepcopy(build)})


def again(known: tuple, data: dict) -> tuple:
    _, before, build = known
    if before != data:
        message = "The idempotency token was used with other parameters"
        return codebuild.error_response_json("InvalidInputException", message, 400)
    return codebuild.json_response({"build": copy.deepcopy(codebuild._builds[build])})


def begin(build: dict, data: dict) -> None:
    environment = copy.deepcopy(build["environment"])
    values = {one["name"]: one for one in environment.get("environmentVariables") or []}
    values |= {one["name"]: one for one in data.get("environmentVariablesOverride") or []}
    now = time.time()
    build.pop("endTime", None)
    build |= {
        "environment": {**environment, "environmentVariables": list(values.values())},
        # With fractions of a second, since builds are listed in this order.
        "startTime": now,
        "buildStatus": "IN_PROGRESS",
        "currentPhase": "BUILD",
        "phases": [
            {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now},
            {"phaseType": "BUILD", "startTime": now},
        ],
    }
    # ministack finds the account and region in the context of a request.
    context = contextvars.copy_context()
    timer = threading.Timer(SECONDS, context.run, (end, build))
    timer.daemon = True
    timer.start()


def end(build: dict) -> None:
    """A build that was stopped in between stays stopped."""
    if build["buildStatus"] != "IN_PROGRESS":
        return send_event(build)
    failure = push(build)
    status = "SUCCEEDED" if failure is None else "FAILED"
    codebuild._record_phase(build, "BUILD", status)
    if failure is not None:
        context = {"statusCode": "COMMAND_EXECUTION_ERROR", "message": failure}
        next(phase for phase in build["phases"] if phase["phaseType"] == "BUILD")["contexts"] = [context]
    codebuild._finish_build(build, status)
    send_event(build)


def push(build: dict) -> str | None:
    """Does what the buildspec's last command does in ECR. Answers why it fails."""
    values = {one["name"]: one["value"] for one in build["environment"]["environmentVariables"]}
    version, repository = values.get("MLFLOW_VERSION", ""), values.get("REPOSITORY", "")
    if VERSION.fullmatch(version) is None:
        return f"MLFLOW_VERSION is not a version: '{version}'"
    name = repository.partition("/")[2]
    manifest = json.dumps({"schemaVersion": 2, "repository": name, "tag": version})
    status, _, body = ecr._put_image({"repositoryName": name, "imageTag": version, "imageManifest": manifest})
    return None if status == 200 else json.loads(body)["message"]


def send_event(build: dict) -> None:
    detail = {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "current-phase": build["currentPhase"],
        "version": "1",
    }
    event = {
        "Source": "aws.codebuild",
        "DetailType": "CodeBuild Build State Change",
        "Resources": [build["arn"]],
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [event]}, True)


def use() -> None:
    codebuild._start_build = start
