"""Start the hub of a class: python -m rnn_edu.grading.hub [--folder FOLDER] [JUPYTERHUB'S OPTIONS]

FOLDER (/srv/rnn_edu) keeps the hub's own state, which only root may read, and the exchange.
"""

from __future__ import annotations

import argparse
import grp
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = Path(sys.executable).parent
GROUPS = ("teachers", "students")


def main(arguments: list[str] | None = None) -> None:
    """Prepare the folder and become jupyterhub; exits saying what is missing."""
    parser = argparse.ArgumentParser(prog="python -m rnn_edu.grading.hub", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("/srv/rnn_edu"))
    options, rest = parser.parse_known_args(arguments)
    if missing := lacking():
        sys.exit("The hub was not started:\n" + "\n".join(f"- {one}" for one in missing))
    os.chdir(prepare(options.folder.resolve()))
    program = str(PROGRAMS / "jupyterhub")
    os.execv(program, [program, f"--config={HERE / 'jupyterhub_config.py'}", *rest])


def lacking() -> list[str]:
    """What the hub needs and does not find, each with what to do."""
    missing = []
    if os.geteuid() != 0:
        missing.append("it starts servers for other people, so it must be started by root")
    if not (PROGRAMS / "jupyterhub").exists():
        missing.append(f"JupyterHub is not installed beside {sys.executable}: extra rnn_edu[hub]")
    if not shutil.which("configurable-http-proxy"):
        missing.append("no configurable-http-proxy: npm install --global configurable-http-proxy")
    known = {group.gr_name for group in grp.getgrall()}
    missing += [f"no group {name}: groupadd {name}" for name in GROUPS if name not in known]
    return missing


def prepare(folder: Path) -> Path:
    """Make what the hub writes into, with its rights; returns the folder of the hub's state."""
    hub, exchange = folder / "hub", folder / "exchange"
    for path, mode in ((folder, 0o755), (hub, 0o700), (exchange, 0o1777)):
        path.mkdir(exist_ok=True)
        path.chmod(mode)  # sticky: in the exchange, nobody moves what is another's
    for secret in ("jupyterhub.sqlite", "jupyterhub_cookie_secret"):
        if (hub / secret).exists():
            (hub / secret).chmod(0o600)
    (hub / "jupyterhub.sqlite").touch(0o600)
    return hub


if __name__ == "__main__":
    main()
