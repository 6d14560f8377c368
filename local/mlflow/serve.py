"""
Runs `mlflow server ARGUMENTS…` until standard input closes, so that it and its workers cannot outlive the process that started
them. The folder that they run in is removed.
"""

import os
import runpy
import shutil
import signal
import sys
import threading

parent = os.dup(0)
# The server itself gets an empty standard input.
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
folder = os.getcwd()


def end_with_parent() -> None:
    os.read(parent, 1)
    # The parent is dead and cannot remove it.
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv[0:1] = ["mlflow", "server"]
# This folder has modules of ours that MLflow must not import.
del sys.path[0]
runpy.run_module("mlflow", run_name="__main__")
