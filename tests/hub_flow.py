"""One assignment on the hub of a class, through browsers: a teacher, and two students who differ.

As root, in the hub's environment with playwright, the groups `teachers` and `students` made:
    python -m tests.hub_flow > tests/hub_flow.txt
It makes three accounts with random passwords and a folder, and removes them. It stops at the first
thing that is not as it should be.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.hub_people import ROOT, Person, ask, told

SITE = "http://127.0.0.1:8765"
NAME = "a1_cell_and_loop"
TEACHER, RIGHT, WRONG = "class_teacher", "class_right", "class_wrong"
PEOPLE = {TEACHER: "teachers", RIGHT: "students", WRONG: "students"}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def accounts() -> Iterator[dict[str, str]]:
    """Three accounts of this machine and their passwords, gone afterwards."""
    passwords = {name: secrets.token_urlsafe(12) for name in PEOPLE}
    try:
        for name, group in PEOPLE.items():
            subprocess.run(["useradd", "-m", "-G", group, "-s", "/bin/bash", name], check=True)
        lines = "".join(f"{name}:{password}\n" for name, password in passwords.items())
        subprocess.run(["chpasswd"], input=lines, text=True, check=True)
        yield passwords
    finally:
        for name in PEOPLE:
            subprocess.run(["userdel", "-r", name], check=False, stderr=subprocess.DEVNULL)


@contextmanager
def hub(folder: Path) -> Iterator[None]:
    """The hub as the guide starts it, on a port of its own, with the Lab's application in reach."""
    command = [sys.executable, "-m", "rnn_edu.grading.hub", "--folder", str(folder)]
    command += [f"--port={SITE.rsplit(':', 1)[1]}", "--JupyterHub.hub_port=8766"]
    command += ["--ConfigurableHTTPProxy.api_url=http://127.0.0.1:8767"]
    command += ["--Spawner.args=--LabApp.expose_app_in_browser=True"]
    log = (folder / "hub.log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd="/")
    try:
        for _ in range(120):
            if b"JupyterHub is now running" in (folder / "hub.log").read_bytes():
                break
            if process.poll() is not None:
                break
            time.sleep(0.5)
        else:
            process.terminate()
        if process.poll() is not None:
            sys.exit((folder / "hub.log").read_text())
        yield
    except BaseException:
        print((folder / "hub.log").read_text()[-6000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()


def release(teacher: Person) -> None:
    """The teacher builds an assignment in a terminal and releases it in the formgrader."""
    home = Path("~" + TEACHER).expanduser()
    shutil.copytree(ROOT / "notebooks" / "assignments", home / "assignments")
    subprocess.run(["chown", "-R", f"{TEACHER}:", home / "assignments"], check=True)
    teacher.shell(f"python -m rnn_edu.grading build assignments/{NAME}.py rnn")
    ask("the course folder is closed", oct((home / "rnn").stat().st_mode)[-3:], "700")
    teacher.formgrader("cloud-upload", NAME)


def learn(student: Person, answers: dict[str, str]) -> None:
    """A student fetches, answers, runs the checks, and submits."""
    menu = student.menu("Nbgrader")
    ask(f"{student.name}: the menu Nbgrader holds", menu, ["Assignment List"])
    student.assignments("Fetch", NAME)
    said = student.answer(f"{NAME}/{NAME}.ipynb", answers)
    told(f"{student.name}: the visible check of rnn_step says: {said}")
    ask(f"{student.name}: is told that it is right", "correct" in said.lower(), not answers["bad"])
    student.assignments("Submit", NAME)


def grade(teacher: Person) -> None:
    """The teacher collects, grades, gives marks by hand, and returns feedback."""
    teacher.formgrader("cloud-download", NAME)
    said = teacher.shell("python -m rnn_edu.grading grade rnn")
    ask("submissions graded", re.findall(r"(\d+) submissions", said), ["2"])
    for submission, points in ((1, 3), (2, 1)):
        teacher.by_hand(NAME, submission, points)
    teacher.shell("python -m rnn_edu.grading feedback rnn")
    teacher.formgrader("envelope", NAME)
    teacher.shell("nbgrader export --NbGrader.log_level=ERROR --to marks.csv; cat marks.csv")


def intrude(student: Person, other: str) -> None:
    """What a student must not reach, tried from a terminal of the hub and by address."""
    for path in (f"~{TEACHER}/rnn", f"~{other}", "$RNN_EDU_EXCHANGE/rnn/inbound"):
        said = student.shell(f"ls -d {path}/* 2>&1; ls {path} 2>&1")
        ask(f"{student.name}: ls {path}", "Permission denied" in said, True)
    for path in ("jupyterhub.sqlite", "jupyterhub_cookie_secret"):
        said = student.shell(f"cat $RNN_EDU_EXCHANGE/../hub/{path} 2>&1")
        ask(f"{student.name}: cat {path}", "Permission denied" in said, True)
    said = student.shell("mv $RNN_EDU_EXCHANGE/rnn $RNN_EDU_EXCHANGE/gone 2>&1")
    ask(f"{student.name}: mv the course", "not permitted" in said, True)
    said = student.shell("python -c 'b = bytearray(5 << 30)' 2>&1")
    ask(f"{student.name}: 5 GiB in a process", "MemoryError" in said, True)
    ask(f"{student.name}: /formgrader", student.status(f"user/{student.name}/formgrader"), 404)
    for path in (f"user/{other}/api/contents", f"user/{TEACHER}/formgrader", "hub/admin"):
        ask(f"{student.name}: /{path}", student.status(path), 403)


def flow(browser: Browser, passwords: dict[str, str]) -> None:
    """From release to returned feedback."""
    teacher = Person(browser, SITE, TEACHER, passwords[TEACHER])
    ask(
        f"{TEACHER}: the menu Nbgrader holds Formgrader",
        "Formgrader" in teacher.menu("Nbgrader"),
        True,
    )
    release(teacher)
    right = {
        "echo": "def echo(x, w_x, w_h):\n    h, seen = 0.0, []\n    for x_t in x:\n"
        "        h = np.tanh(w_x * x_t + w_h * h)\n        seen.append(h)\n"
        "    return np.array(seen)",
        "rnn_step": "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
        "    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)",
        "stack": "The weights are the same at every step.",
        "bad": "",
    }
    wrong = right | {"rnn_step": right["rnn_step"].replace(" + b_h", ""), "bad": "yes"}
    students = {}
    for name, answers in ((RIGHT, right), (WRONG, wrong)):
        students[name] = Person(browser, SITE, name, passwords[name])
        learn(students[name], answers)
    intrude(students[WRONG], RIGHT)
    grade(teacher)
    for name, student in students.items():
        student.assignments("Fetch Feedback", NAME)
        pages = student.shell(f"find {NAME}/feedback -name '*.html'").splitlines()
        ask(f"{name}: feedback pages", len(pages), 1)
        text = Path("~" + name).expanduser().joinpath(pages[0]).read_text()
        told(f"{name}: the page says {re.search(r'Score: *[0-9./ ]+', text)[0]}")
        ask(f"{name}: a hidden check in it", "yield Case" in text, False)


def main() -> None:
    """Run it all; prints the record."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="class-") as temporary, accounts() as passwords:
        folder = Path(temporary)
        folder.chmod(0o755)
        with hub(folder), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            flow(browser, passwords)
            browser.close()
    told(f"all as it should be, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
