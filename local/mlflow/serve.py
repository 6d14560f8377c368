"""
Runs `mlflow server ARGUMENTS…` until standard input closes: it and its workers cannot outlive the process that started them,
however that ends, and the folder that they run in goes with them.
"""

import os
import runpy
import shutil
import signal
import sys
import threading

parent = os.dup(0)
# The server itself finds nothing there.
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
folder = os.getcwd()


def end_with_parent() -> None:
    os.read(parent, 1)
    # Nobody is left to read the log.
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv[0:1] = ["mlflow", "server"]
# The folder of this file has modules of ours, none of MLflow's.
del sys.path[0]
runpy.run_module("mlflow", run_name="__main__")
