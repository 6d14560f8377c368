"""Runs the AWS emulator until its standard input closes: it cannot outlive the process that started it, however that ends."""

import json
import os
import runpy
import shutil
import signal
import sys
import threading
import types

from ministack.core import iam_actions
from ministack.services import cloudwatch, eventbridge, glue

# Appended, so that no folder of local/ hides a package: local/codebuild is beside this one.
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from codebuild import builds  # noqa: E402

orphaned = threading.Event()
action_of = iam_actions.extract_iam_action
arn_of = iam_actions.extract_resource_arn
glue_answer = glue._handle_request_sync
put_events = eventbridge._put_events
evaluate_alarm = cloudwatch._evaluate_alarm


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


def action_as_on_aws(service: str, *request: object) -> str | None:
    """On AWS, who may send a message may send a batch of them; ministack 1.5.33 knows a right of its own for batches."""
    action = action_of(service, *request)
    return action.removesuffix("Batch") if service == "sqs" and action is not None else action


def arn_as_on_aws(service: str, *request: object) -> str:
    """ministack 1.5.33 takes the database that GetDatabase names for a table, and asks for rights on that."""
    arn = arn_of(service, *request)
    headers = request[2]
    if service == "glue" and headers.get("x-amz-target") == "AWSGlue.GetDatabase":
        return arn.replace(":table/", ":database/")
    if arn == "*" and service in ("codebuild", "ecr", "monitoring"):
        return arn_of(service, *request[:3], json.dumps(named(json.loads(request[3]))).encode(), *request[4:])
    return arn


def named(given: dict) -> dict:
    """What rights are asked on, where a request names several, or a build of CodeBuild's: its project comes first."""
    if given.get("AlarmNames"):
        return {"AlarmName": given["AlarmNames"][0]}
    if given.get("repositoryNames"):
        return {"repositoryName": given["repositoryNames"][0]}
    return {"projectName": given["ids"][0].partition(":")[0]} if given.get("ids") else {}


def glue_as_on_aws(method: str, path: str, headers: dict, body: bytes, query: dict) -> tuple:
    """
    Partitions as the API reference has them: ministack 1.5.33 deletes them one by one only, keeps those of a table that
    is not there, takes any number at a time and gives all of them in one page.
    """
    action = headers.get("x-amz-target", "").removeprefix("AWSGlue.")
    limit = BATCHES.get(action)
    if limit is None and action != "GetPartitions":
        return glue_answer(method, path, headers, body, query)
    given = json.loads(body)
    if f"{given['DatabaseName']}/{given['TableName']}" not in glue._tables:
        return glue.error_response_json("EntityNotFoundException", f"Table {given['TableName']} not found.", 400)
    if action == "GetPartitions":
        return page_of_partitions(given)
    member, most = limit
    if not 1 <= len(given[member]) <= most:
        return glue.error_response_json("ValidationException", f"{member} takes 1 to {most}, not {len(given[member])}", 400)
    if action == "BatchDeletePartition":
        return delete_partitions(given)
    return glue_answer(method, path, headers, body, query)


BATCHES = {
    "BatchCreatePartition": ("PartitionInputList", 100),
    "BatchUpdatePartition": ("Entries", 100),
    "BatchDeletePartition": ("PartitionsToDelete", 25),
}


def page_of_partitions(given: dict) -> tuple:
    """At most 1,000 at a time, without their columns if so asked."""
    _, _, body = glue._get_partitions(given)
    partitions = json.loads(body)["Partitions"]
    start = int(given.get("NextToken") or 0)
    end = start + min(given.get("MaxResults", 1000), 1000)
    page = partitions[start:end]
    if given.get("ExcludeColumnSchema"):
        page = [{**one, "StorageDescriptor": without_columns(one.get("StorageDescriptor", {}))} for one in page]
    return glue.json_response({"Partitions": page, **({"NextToken": str(end)} if end < len(partitions) else {})})


def without_columns(storage: dict) -> dict:
    return {name: value for name, value in storage.items() if name != "Columns"}


def delete_partitions(given: dict) -> tuple:
    missing = []
    for values in [entry["Values"] for entry in given["PartitionsToDelete"]]:
        one = {"DatabaseName": given["DatabaseName"], "TableName": given["TableName"], "PartitionValues": values}
        status, _, _ = glue._get_partition(one)
        if status != 200:
            detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found."}
            missing.append({"PartitionValues": values, "ErrorDetail": detail})
        glue._delete_partition(one)
    return glue.json_response({"Errors": missing})


def evaluate_alarm_on_its_metric(alarm: dict) -> None:
    """A metric is one with all its dimensions; ministack 1.5.33 evaluates an alarm on all metrics of the name."""
    dimensions = cloudwatch._dims_key({one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []})
    only = {key: points for key, points in list(cloudwatch._metrics.items()) if key[2] == dimensions}
    types.FunctionType(evaluate_alarm.__code__, {**vars(cloudwatch), "_metrics": only})(alarm)


def put_events_of_services(data: dict, allow_aws_source: bool = False) -> tuple:
    """
    On AWS, services put their own events onto the default bus of an account; those that ministack 1.5.33 does not have, or
    which tell nothing there, are played by whoever runs the emulator. Any other service's name is refused, as on AWS.
    """
    entries = data.get("Entries", [])
    if allow_aws_source or len(entries) > 10:
        return put_events(data, allow_aws_source)
    results = []
    for entry in entries:
        played = entry.get("Source") in PLAYED and entry.get("EventBusName", "default") == "default"
        _, _, body = put_events({**data, "Entries": [entry]}, played)
        results += json.loads(body)["Entries"]
    failed = sum("ErrorCode" in result for result in results)
    return eventbridge.json_response({"FailedEntryCount": failed, "Entries": results})


PLAYED = {"aws.sagemaker", "aws.codebuild"}


# Functions run under a script of ministack's own, which a package.json further up would make an ES module of.
with open(os.path.join(os.environ["TMPDIR"], "package.json"), "w") as nearest:
    nearest.write("{}")
builds.use()
cloudwatch._evaluate_alarm = evaluate_alarm_on_its_metric
eventbridge._put_events = put_events_of_services
glue._handle_request_sync = glue_as_on_aws
iam_actions.extract_iam_action = action_as_on_aws
iam_actions.extract_resource_arn = arn_as_on_aws
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
try:
    runpy.run_module("ministack", run_name="__main__")
finally:
    # The parent removes its files, and may first want to read the log; a dead one does neither.
    if orphaned.is_set():
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
