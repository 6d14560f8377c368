"""Runs the AWS emulator until its standard input closes, so that it cannot outlive the process that started it."""

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
dynamodb_context = iam_actions.dynamodb_service_context
glue_answer = glue._handle_request_sync
put_events = eventbridge._put_events
evaluate_alarm = cloudwatch._evaluate_alarm


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


def action_as_on_aws(service: str, *request: object) -> str | None:
    """On AWS, the right to send a message covers batches. ministack 1.5.33 asks for a separate right."""
    action = action_of(service, *request)
    return action.removesuffix("Batch") if service == "sqs" and action is not None else action


def arn_as_on_aws(service: str, *request: object) -> str:
    """For GetDatabase, ministack 1.5.33 checks rights on a table of that name instead of the database."""
    arn = arn_of(service, *request)
    headers = request[2]
    if service == "glue" and headers.get("x-amz-target") == "AWSGlue.GetDatabase":
        return arn.replace(":table/", ":database/")
    if arn == "*" and service in ("codebuild", "ecr", "monitoring"):
        return arn_of(service, *request[:3], json.dumps(named(json.loads(request[3]))).encode(), *request[4:])
    return arn


def named(given: dict) -> dict:
    """The resource whose rights are checked: the first of several, and for a build its project."""
    if given.get("AlarmNames"):
        return {"AlarmName": given["AlarmNames"][0]}
    if given.get("repositoryNames"):
        return {"repositoryName": given["repositoryNames"][0]}
    return {"projectName": given["ids"][0].partition(":")[0]} if given.get("ids") else {}


def dynamodb_context_as_on_aws(body: bytes) -> dict:
    """On AWS, a policy may name the partition keys of an item. ministack 1.5.33 lacks the key; the ledger's attribute is `pk`."""
    given = json.loads(body or b"{}")
    pk = (given.get("Key") or given.get("Item") or {}).get("pk", {}).get("S")
    return {**dynamodb_context(body), **({} if pk is None else {"dynamodb:LeadingKeys": [pk]})}


def glue_as_on_aws(method: str, path: str, headers: dict, body: bytes, query: dict) -> tuple:
    """
    Partitions as in the API reference. ministack 1.5.33 has no batch deletes, keeps partitions of tables that do not exist,
    takes batches of any size and answers all partitions in one page.
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
    """At most 1,000 at a time, without their columns if the request says so."""
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
    """An alarm is about one metric with its dimensions. ministack 1.5.33 evaluates it on all metrics of that name."""
    dimensions = cloudwatch._dims_key({one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []})
    only = {key: points for key, points in list(cloudwatch._metrics.items()) if key[2] == dimensions}
    types.FunctionType(evaluate_alarm.__code__, {**vars(cloudwatch), "_metrics": only})(alarm)


def put_events_of_services(data: dict, allow_aws_source: bool = False) -> tuple:
    """
    On AWS, services put their own events onto the account's default bus. Those that ministack 1.5.33 lacks, or that send no events
    there, are played by stand-ins, which may use these sources. Any other `aws.` source is refused, as on AWS.
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


# ministack runs functions under a script of its own; a package.json in a parent folder could turn that into an ES module.
with open(os.path.join(os.environ["TMPDIR"], "package.json"), "w") as nearest:
    nearest.write("{}")
builds.use()
cloudwatch._evaluate_alarm = evaluate_alarm_on_its_metric
eventbridge._put_events = put_events_of_services
glue._handle_request_sync = glue_as_on_aws
iam_actions.extract_iam_action = action_as_on_aws
iam_actions.extract_resource_arn = arn_as_on_aws
iam_actions.dynamodb_service_context = dynamodb_context_as_on_aws
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
try:
    runpy.run_module("ministack", run_name="__main__")
finally:
    # A live parent reads the log and removes the files itself; a dead one cannot.
    if orphaned.is_set():
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
