"""What a server and its kernels cost: memory and time to start. python -m tests.bench_hub

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
from pathlib import Path

from jupyter_client.manager import start_new_kernel

WORK = {
    "a bare kernel": "pass",
    "with NumPy and rnn_edu": "import numpy, rnn_edu",
    "and matplotlib, one figure": (
        "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as p; p.plot([1, 2])"
    ),
    "and torch": "import torch; torch.nn.LSTM(8, 8)(torch.zeros(1, 1, 8))",
}


def memory(pid: int) -> tuple[float, float]:
    """Of a process, in MB: proportional set size, and data as the hub's limit counts it."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    data = next(int(line.split()[1]) for line in status if line.startswith("VmData:"))
    return pss / 1000, data / 1000


def server() -> None:
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
            pss, data = memory(process.pid)
            seconds = time.monotonic() - began
            print(f"server: {pss:.0f} MB (data {data:.0f} MB), {seconds:.1f} s to its first page")
        finally:
            process.terminate()
            process.wait(timeout=30)


def kernel() -> None:
    """Start a kernel, then import more and more."""
    began = time.monotonic()
    manager, client = start_new_kernel()
    print(f"kernel ready after {time.monotonic() - began:.1f} s")
    try:
        for what, code in WORK.items():
            began = time.monotonic()
            client.execute_interactive(code, timeout=120)
            pss, data = memory(manager.provisioner.pid)
            seconds = time.monotonic() - began
            print(f"{what}: {pss:.0f} MB (data {data:.0f} MB), {seconds:.1f} s")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    server()
    kernel()
