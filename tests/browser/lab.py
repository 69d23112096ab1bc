"""A real JupyterLab for the tests: its server, and a notebook opened in it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import Page

START_SECONDS = 60
RUN_MS = 60_000

# Runs code in the notebook's kernel and returns what it prints, errors included.
_ASK = """async (code) => {
  const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
  const future = kernel.requestExecute({ code });
  let text = "";
  future.onIOPub = ({ content: { text: out, traceback } }) => {
    text += out ?? traceback?.join("\\n") ?? "";
  };
  await future.done;
  return text;
}"""

# A toolbar that says idle is not enough: the session must be ready and connected.
_READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const { connectionStatus, status } = context?.session?.kernel ?? {};
  return context?.isReady && connectionStatus === "connected" && status === "idle"
    && jupyterapp.commands.hasCommand("notebook:run-all-cells");
}"""

# The notebook that is shown goes, with its kernel, and another takes its place.
_NEXT = """async (path) => {
  const shown = jupyterapp.shell.currentWidget;
  await shown.sessionContext.shutdown();
  await shown.context.save();  // or closing asks whether to
  shown.close();
  await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
}"""

_RUN_ALL = """(limit) => Promise.race([
  jupyterapp.commands.execute("notebook:run-all-cells"),
  new Promise((_, fail) => setTimeout(() => fail(new Error(`over ${limit} ms`)), limit)),
])"""


@dataclass(frozen=True)
class Lab:
    """A running server: its address, its token, the folder it serves and that of its data."""

    url: str
    token: str
    folder: Path
    data: Path

    def write(self, name: str, cells: list[str | dict[str, str]], trusted: bool = True) -> str:
        """Make a notebook: a string is a code cell, a dict the stored output of one.

        A dict maps MIME types to data. Trusted means signed, as by whoever ran it here.
        """
        nb = nbformat.v4.new_notebook()
        nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        for cell in cells:
            new = nbformat.v4.new_code_cell(cell if isinstance(cell, str) else "figure")
            if isinstance(cell, dict):
                new.outputs = [nbformat.v4.new_output("display_data", data=cell)]
                new.execution_count = 1
            nb.cells.append(new)
        nbformat.write(nb, self.folder / name)
        if trusted:
            with NotebookNotary(data_dir=str(self.data)) as notary:
                notary.sign(nbformat.read(self.folder / name, 4))
        return name

    def open(self, page: Page, name: str) -> None:
        """Show a notebook alone and wait until its kernel is connected and idle."""
        page.goto(f"{self.url}/doc/tree/{name}?token={self.token}&reset")
        page.wait_for_function(_READY, timeout=RUN_MS)

    def open_next(self, page: Page, name: str) -> None:
        """Show it where another is shown: JupyterLab stays, which takes longest to load."""
        page.evaluate(_NEXT, name)
        page.wait_for_function(_READY, timeout=RUN_MS)

    def run_all(self, page: Page, limit: int = RUN_MS) -> None:
        """Run all cells; raises if they take longer than `limit` milliseconds."""
        page.evaluate(_RUN_ALL, limit)

    def ask(self, page: Page, code: str) -> str:
        """Run code in the notebook's kernel, outside its cells; returns what it prints."""
        return page.evaluate(_ASK, code)

    def hears(self, page: Page, names: str, said: str) -> None:
        """Python has it: at once, or when the messages on their way have come."""
        for _ in range(30):
            heard = self.ask(page, f"print({names})").strip()
            if heard == said:
                return
            page.wait_for_timeout(100)
        assert heard == said


@contextlib.contextmanager
def running(tmp: Path, root: Path) -> Iterator[Lab]:
    """Start JupyterLab under tmp, with settings, data and kernels of its own, and stop it.

    root: where the kernels find the package.
    """
    folder, data = tmp / "work", tmp / "data"
    quiet = tmp / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    folder.mkdir()
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, data)
    env = os.environ | {
        "PYTHONPATH": str(root),
        "JUPYTER_CONFIG_DIR": str(tmp / "config"),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(tmp / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp / "workspaces"),
        "IPYTHONDIR": str(tmp / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={lab.token}", "--LabApp.expose_app_in_browser=True"]
    log = tmp / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(lab, server, log)
        yield lab
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        shutil.rmtree(tmp / "runtime", ignore_errors=True)


def _wait(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{lab.url}/api/status?token={lab.token}", timeout=1).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
