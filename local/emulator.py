"""Runs the AWS emulator until its standard input closes: it cannot outlive the process that started it, however that ends."""

import os
import runpy
import shutil
import signal
import sys
import threading

orphaned = threading.Event()


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
try:
    runpy.run_module("ministack", run_name="__main__")
finally:
    # The parent removes its files, and may first want to read the log; a dead one does neither.
    if orphaned.is_set():
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
