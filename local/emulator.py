"""Runs the AWS emulator until its standard input closes: it cannot outlive the process that started it, however that ends."""

import os
import runpy
import shutil
import signal
import sys
import threading

from ministack.core import iam_actions

orphaned = threading.Event()
action_of = iam_actions.extract_iam_action
arn_of = iam_actions.extract_resource_arn


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
    return arn


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
