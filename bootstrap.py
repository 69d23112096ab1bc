"""Set up the course in .venv and start it: python bootstrap.py lab | test | run MODULE.

Needs the standard library alone. Every Python back to 2.7 must be able to compile this file, so
that a Python that is too old says so in one line: no f-strings and no annotations here.
"""

from __future__ import print_function

import contextlib
import glob
import hashlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile

USAGE = "usage: python bootstrap.py lab [OPTION...] | test [OPTION...] | run MODULE [OPTION...]"
OLDEST = (3, 11)
# Measured with a CPU-only torch: 1.8 GB with the test extra, beside it up to 0.9 GB of downloads.
NEEDED_GB = 3

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
STAMP = os.path.join(VENV, "set-up.txt")
UNFINISHED = "unfinished"
INPUTS = ("bootstrap.py", "pyproject.toml", "requirements.txt")

# Two workers, each notebook or test module in one piece on one of them, in order.
PYTEST = [
    "-m",
    "pytest",
    "--numprocesses=2",
    "--dist=loadscope",
    "--no-loadscope-reorder",
    "--nbval",
]
SETTINGS = {
    # The figures of a saved notebook are alive when it is opened again.
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
    # JupyterLab asks no other host for news or for new versions.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


class SetUpError(Exception):
    """What stands in the way and what to do about it, in one line."""


class OfflineError(SetUpError):
    """pip did not get through to its index; it downloads first, so nothing is installed yet."""


# What an error's text says -> what to do about it.
REMEDIES = (
    (
        r"No space left|\[Errno 28\]|\[WinError 112\]",
        SetUpError,
        "make {needed} GB of room for {root} and {temporary}, then run the same command again (on "
        "Linux, a CPU-only torch saves several GB: see the README)",
    ),
    (
        r"\[Errno (1|13|30)\]|\[WinError 5\]",
        SetUpError,
        "make {root} writable, or put the course into a folder of your own",
    ),
    (
        r"Max retries|timed out|name resolution|[Cc]onnection (broken|refused|reset)",
        OfflineError,
        "pip did not get through to its package index; with a network, run the same command again: "
        "what was downloaded is kept",
    ),
    (r"", SetUpError, "put that right, then run the same command again"),
)


def main(arguments):
    """Carry out the command line; return an exit status, or a message for stderr (status 1)."""
    command, options = (arguments or [""])[0], arguments[1:]
    if command not in ("lab", "test", "run") or (command == "run" and not options):
        return USAGE
    try:
        check_python(sys.version_info)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a kill ends pip as Ctrl-C does
        set_up("lab" if command == "lab" else "test")
        return start([PYTHON] + command_line(command, options))
    except SetUpError as error:
        return str(error)
    except OSError as error:
        return str(explain(str(error)))
    except KeyboardInterrupt:
        return "Interrupted: run the same command again to go on."


def command_line(command, options):
    """The arguments with which the environment's Python carries out the command."""
    if command == "test":
        return PYTEST + options
    if command == "run":
        return ["-m"] + options
    notebooks = os.path.join(ROOT, "notebooks")
    lab = ["-m", "jupyterlab", "--ServerApp.root_dir=" + notebooks]
    lessons = sorted(glob.glob(os.path.join(glob.escape(notebooks), "[0-9]*.ipynb")))
    if lessons:
        lab.append("--LabApp.default_url=/lab/tree/" + os.path.basename(lessons[0]))
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform not in ("win32", "darwin") and not any(map(os.environ.get, displays)):
        lab.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lab.append("--allow-root")
    return lab + options


def start(arguments):
    """Become the command, so that Ctrl-C, signals and the exit status are its own."""
    os.chdir(ROOT)
    if os.name != "nt":
        os.execv(arguments[0], arguments)
    process = subprocess.Popen(arguments)  # Windows cannot replace a process
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the command has got it too, and decides
            return process.wait()


def check_python(version):
    """Raise SetUpError when this Python is too old or cannot make environments."""
    if version[:2] < OLDEST:
        found = "{} is Python {}.{}.{}".format(sys.executable, *version[:3])
        raise SetUpError(
            "The course needs Python {}.{} or newer, and {}: name a newer one, for example "
            "`make lab PYTHON=python3.12`.".format(OLDEST[0], OLDEST[1], found)
        )
    try:
        importlib.import_module("venv")
        importlib.import_module("ensurepip")
    except ImportError as error:
        raise SetUpError(
            "{} has no module {}: on Debian and Ubuntu run `apt install python{}.{}-venv` as root, "
            "elsewhere install Python from python.org.".format(
                sys.executable, error.name, *version[:2]
            )
        )


def set_up(level):
    """Bring .venv up to date for "lab" or "test", which includes "lab".

    STAMP names the state that it was last brought to, and says UNFINISHED while pip is at work: an
    environment found so was cut off in the middle, and is made anew.
    """
    if is_ready(level):
        return
    with only_one_set_up() as lock:
        if is_ready(level):  # another set-up ended while this one waited for it
            return
        stamp = read_stamp()
        if stamp == UNFINISHED or not is_usable():
            make_venv(lock)
            stamp = ""
        install(level, stamp, lock)


def is_ready(level):
    """Whether the environment works and holds all that the level needs."""
    return read_stamp() in (state(level), state("test")) and is_usable()


def state(level):
    """Name the environment that the level needs, by the content and the place of its INPUTS."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in INPUTS:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return level + " " + digest.hexdigest()


def read_stamp():
    """What STAMP says; "" where it is missing."""
    try:
        with open(STAMP) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write_stamp(text):
    """Let STAMP say this."""
    with open(STAMP, "w") as file:
        file.write(text)


def is_usable():
    """Whether .venv has pip and a Python that runs and loads what is compiled for this one."""
    probe = "import pip, sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"
    try:
        output = subprocess.check_output([PYTHON, "-c", probe], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return output.decode().strip() == sysconfig.get_config_var("EXT_SUFFIX")


@contextlib.contextmanager
def only_one_set_up():
    """Wait until no other set-up is at work here; yield the locked file.

    pip inherits it, so one that outlives its killed parent is waited for too. Windows has no such
    lock, and refuses by itself to remove what is in use.
    """
    try:
        import fcntl
    except ImportError:
        yield ()
        return
    with open(os.path.join(ROOT, "requirements.txt"), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work here: waiting for it to end.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield (file.fileno(),)


def make_venv(lock):
    """Put an empty environment in the place of whatever is there."""
    if os.path.exists(VENV):
        print("Removing .venv: it is incomplete, or belongs to another Python.", flush=True)
        # First its Python, so that what an interruption leaves is not taken for an environment.
        shutil.rmtree(os.path.dirname(PYTHON), ignore_errors=True)
        shutil.rmtree(VENV)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB:
        raise explain("No space left: {:.1f} GB are free".format(free))
    os.mkdir(VENV)
    write_stamp(UNFINISHED)
    print("Making the environment in .venv.", flush=True)
    base = getattr(sys, "_base_executable", sys.executable)  # not one in the .venv just removed
    call([base, "-m", "venv", "--without-pip", VENV], lock)
    call([PYTHON, "-m", "ensurepip"], lock)  # by itself, for venv hides its errors


def install(level, stamp, lock):
    """Install the requirements and the package, and note the state that was reached."""
    reached = state(level)
    write_stamp(UNFINISHED)
    print("Installing requirements.txt and rnn_edu: some minutes the first time.", flush=True)
    package = ".[test]" if level == "test" else "."
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    try:
        call(pip + ["--requirement", "requirements.txt", "--editable", package], lock)
    except OfflineError:
        write_stamp(stamp)
        raise
    write_settings()
    call([PYTHON, "-m", "rnn_edu.data.fetch"], lock)  # without a network it says so and goes on
    write_stamp(reached)


def write_settings():
    """Make SETTINGS the defaults of the environment's JupyterLab."""
    folder = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "overrides.json"), "w") as file:
        json.dump(SETTINGS, file, indent=2)


def call(arguments, lock):
    """Run one step: its output is shown, its errors become a SetUpError if it fails."""
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        errors="replace",
        pass_fds=lock,
    ) as process:
        try:
            errors = process.communicate()[1]
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=3)  # Ctrl-C has reached it as well: let it tidy up
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise explain(errors)


def explain(errors):
    """The SetUpError for this text: its last error, and what to do about it."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()] or ["no message"]
    last = ([line for line in lines if line.startswith("ERROR")] or lines)[-1]
    kind, remedy = next(row[1:] for row in REMEDIES if re.search(row[0], errors))
    remedy = remedy.format(needed=NEEDED_GB, root=ROOT, temporary=tempfile.gettempdir())
    return kind("The set-up stopped ({}): {}.".format(last, remedy))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
