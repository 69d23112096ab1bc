"""What a server and its kernels cost: memory and time to start. `python -m tests.bench hub`

Memory is the proportional set size (what is shared between processes counts once in all). Run it
in the hub's environment.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from .timing import table

WORK = {
    "a bare kernel": "pass",
    "with NumPy and rnn_edu": "import numpy, rnn_edu",
    "and matplotlib, one figure": (
        "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as p; p.plot([1, 2])"
    ),
    "and torch": "import torch; torch.nn.LSTM(8, 8)(torch.zeros(1, 1, 8))",
}


def row(what: str, pid: int, began: float) -> list[str]:
    """Of a process, in MB: proportional set size, and data as the hub's limit counts it."""
    seconds = time.monotonic() - began
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    data = next(int(line.split()[1]) for line in status if line.startswith("VmData:"))
    return [what, f"{pss / 1000:.0f}", f"{data / 1000:.0f}", f"{seconds:.1f}"]


def server() -> list[str]:
    """Start a server, wait until JupyterLab's page comes, measure."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=8791"]
        command += ["--allow-root", f"--ServerApp.root_dir={folder}", "--IdentityProvider.token="]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            while time.monotonic() - began < 120:
                try:
                    urllib.request.urlopen("http://127.0.0.1:8791/lab", timeout=5).read()
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            return row("server, until its first page", process.pid, began)
        finally:
            process.terminate()
            process.wait(timeout=30)


def kernel() -> Iterator[list[str]]:
    """Start a kernel, then import more and more."""
    began = time.monotonic()
    manager, client = start_new_kernel()
    try:
        for what, code in WORK.items():
            client.execute_interactive(code, timeout=120, output_hook=lambda message: None)
            yield row(what, manager.provisioner.pid, began)
            began = time.monotonic()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def report(options: list[str]) -> Iterator[str]:
    """A row for the server, and one for each thing more that a kernel imports."""
    yield from table(
        ["", "MB", "data, MB", "s"], (r for rows in ([server()], kernel()) for r in rows)
    )
