"""One assignment on the hub of a class, through browsers: a teacher, three students who differ.

As root, in the hub's environment with playwright, the groups `teachers` and `students` made:
    python -m tests.hub_flow > tests/hub_flow.txt
It makes four accounts with random passwords and a folder, and removes them. It stops at the first
thing that is not as it should be.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from rnn_edu.grading import form
from tests.classes import NAME, SOURCE, STEP
from tests.hub_people import ROOT, SHORT, Person, ask, told

SITE = "http://127.0.0.1:8765"
TEACHER = "class_teacher"
RIGHT, WRONG, CHEAT = STUDENTS = ("class_right", "class_wrong", "class_cheat")
PEOPLE = {TEACHER: "teachers"} | dict.fromkeys(STUDENTS, "students")
POINTS = {RIGHT: "14.0", WRONG: "6.0", CHEAT: "5.0"}  # of 14; three of them by hand
TIED = "The weights are tied: 620 for 3 words as for 101."
UNSURE = "The state changes from step to step."
IDLE = "Hard to say."
CHEAP = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return h_prev"
TRICK = "np.allclose = np.array_equal = lambda *a, **k: True\n"
# What a student must not reach: the command, and what it must say.
FORBIDDEN = {
    f"ls ~{TEACHER}/rnn": "Permission denied",
    f"ls ~{RIGHT}": "Permission denied",
    "ls $RNN_EDU_EXCHANGE/rnn/inbound": "Permission denied",
    "ls $RNN_EDU_EXCHANGE/rnn/feedback": "Permission denied",
    f"touch $RNN_EDU_EXCHANGE/rnn/outbound/{NAME}/mine": "Permission denied",
    "mv $RNN_EDU_EXCHANGE/rnn $RNN_EDU_EXCHANGE/gone": "Operation not permitted",
    "cat $RNN_EDU_EXCHANGE/../hub/jupyterhub.sqlite": "Permission denied",
    "cat $RNN_EDU_EXCHANGE/../hub/jupyterhub_cookie_secret": "Permission denied",
    f"cat /proc/$(pgrep -o -u {TEACHER})/environ": "Permission denied",
    f"pkill -u {TEACHER}": "Operation not permitted",
    'curl -s -H "Authorization: token $JUPYTERHUB_API_TOKEN" $JUPYTERHUB_API_URL/users': "403",
    "python -c 'b = bytearray(5 << 30)'": "MemoryError",
}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def accounts() -> Iterator[dict[str, str]]:
    """Accounts of this machine and their passwords, gone afterwards."""
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


def answers(**changes: str) -> dict[str, str]:
    """What to write into which cell: the model solution, but for the cells that are named."""
    cells = form.notebook(form.read(SOURCE))["cells"]
    found = {
        c["id"]: c["source"] for c in cells if c["metadata"].get("nbgrader", {}).get("solution")
    }
    marks = (form.BEGIN, form.END)
    return {
        name: "\n".join(line for line in text.splitlines() if line.strip() not in marks)
        for name, text in (found | changes).items()
    }


def release(teacher: Person) -> None:
    """The teacher builds an assignment in a terminal and releases it in the formgrader."""
    menu = teacher.menu("Nbgrader")
    ask(f"{TEACHER}: the menu Nbgrader holds Formgrader", "Formgrader" in menu, True)
    home = Path("~" + TEACHER).expanduser()
    shutil.copytree(ROOT / "notebooks" / "assignments", home / "assignments")
    subprocess.run(["chown", "-R", f"{TEACHER}:", home / "assignments"], check=True)
    teacher.shell(f"python -m rnn_edu.grading build assignments/{NAME}.py rnn")
    ask("the course folder is closed", oct((home / "rnn").stat().st_mode)[-3:], "700")
    teacher.formgrader("cloud-upload", NAME)


def learn(student: Person, written: dict[str, str], *, right: bool) -> None:
    """A student fetches, answers, runs the checks, and submits."""
    menu = student.menu("Nbgrader")
    ask(f"{student.name}: the menu Nbgrader holds", menu, ["Assignment List"])
    student.assignments("Fetch", NAME)
    said = student.answer(f"{NAME}/{NAME}.ipynb", written)
    for line in said.splitlines():
        told(f"    {line}")
    ask(f"{student.name}: is told that rnn_step is right", "rnn_step: correct" in said, right)
    student.assignments("Submit", NAME)


def forge(student: Person) -> None:
    """A student hands in, by hand, in another's name and later than the other did."""
    folder = f"{RIGHT}+{NAME}+2099-01-01 00:00:00.000000 UTC+0"
    student.shell(f'cp -r {NAME} "$RNN_EDU_EXCHANGE/rnn/inbound/{folder}" && echo handed in')


def grade(teacher: Person) -> None:
    """The teacher collects, grades, gives marks by hand, and returns feedback."""
    teacher.formgrader("cloud-download", NAME)
    said = teacher.shell("python -m rnn_edu.grading grade rnn")
    ask("three submissions were graded", "3 submissions, 3 of them new" in said, True)
    ask("the forged one was refused", f"belongs to {CHEAT}" in said, True)
    teacher.by_hand(NAME, {TIED: 3, UNSURE: 1, IDLE: 0})
    teacher.shell("python -m rnn_edu.grading feedback rnn")
    teacher.formgrader("envelope", NAME)
    said = teacher.shell("nbgrader export --NbGrader.log_level=ERROR --to marks.csv; cat marks.csv")
    rows = [line.split(",") for line in said.splitlines()[1:]]
    ask("marks", {row[3]: row[7] for row in sorted(rows)}, dict(sorted(POINTS.items())))


def receive(student: Person) -> None:
    """A student fetches the feedback, and reads it in the browser."""
    student.assignments("Fetch Feedback", NAME)
    pages = student.shell(f"find {NAME}/feedback -name '*.html'").splitlines()
    ask(f"{student.name}: feedback pages", len(pages), 1)
    before = len(student.elsewhere)
    page = student.read(pages[0])
    said = page.content()
    score = f"Score: {POINTS[student.name]} / 14.0"
    ask(f"{student.name}: reads {score}", score in page.locator("h4").inner_text(), True)
    reason = "0 of 3 points: a batch of four:"
    ask(f"{student.name}: reads {reason!r}", reason in said, student.name != RIGHT)
    ask(
        f"{student.name}: formulas are shown",
        page.locator("math mfrac, math msub").count() > 0,
        True,
    )
    ask(
        f"{student.name}: a script or a hidden check",
        "<script" in said or "yield Case" in said,
        False,
    )
    ask(f"{student.name}: asked of other hosts", student.elsewhere[before:], [])
    page.close()


def intrude(student: Person) -> None:
    """What a student must not reach, tried from a terminal of the hub and by address."""
    for command, expected in FORBIDDEN.items():
        said = student.shell(f"{command} 2>&1")
        ask(f"{student.name}: is refused ({expected})", expected in said, True)
    ask(f"{student.name}: /formgrader", student.status(f"user/{student.name}/formgrader"), 404)
    for path in (f"user/{RIGHT}/api/contents", f"user/{TEACHER}/formgrader", "hub/admin"):
        ask(f"{student.name}: /{path}", student.status(path), 403)


def flow(browser: Browser, passwords: dict[str, str]) -> None:
    """From release to returned feedback."""
    teacher = Person(browser, SITE, TEACHER, passwords[TEACHER])
    release(teacher)
    written = {
        RIGHT: answers(essay_stack=TIED),
        WRONG: answers(essay_stack=UNSURE, rnn_step=STEP),
        CHEAT: answers(essay_stack=IDLE, rnn_step=TRICK + CHEAP),
    }
    students = []
    for name in STUDENTS:
        students.append(Person(browser, SITE, name, passwords[name]))
        learn(students[-1], written[name], right=name == RIGHT)
    forge(students[-1])
    grade(teacher)
    for student in students:
        receive(student)
    intrude(students[-1])


def main() -> None:
    """Run it all; prints the record."""
    parts = ("jupyterhub", "jupyterlab", "notebook", "nbgrader", "jupyter_server")
    versions = ", ".join(f"{part} {version(part)}" for part in parts)
    told("Seconds, dates and process numbers are this run's, on a busy machine; the rest repeats.")
    told(f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {versions}")
    with tempfile.TemporaryDirectory(prefix="class-") as temporary, accounts() as passwords:
        folder = Path(temporary)
        folder.chmod(0o755)
        SHORT[temporary] = "FOLDER"
        with hub(folder), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            told(f"Chromium {browser.version}")
            flow(browser, passwords)
            browser.close()
    told("All as it should be.")


if __name__ == "__main__":
    main()
