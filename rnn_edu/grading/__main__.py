"""The teacher's command: build assignments, grade what was handed in, give feedback.

python -m rnn_edu.grading build SOURCE COURSE   an assignment's text into a course folder
python -m rnn_edu.grading grade COURSE          marks, reasons and feedback of all that came in
python -m rnn_edu.grading feedback COURSE       feedback again, after marks were given by hand
python -m rnn_edu.grading release SOURCE FOLDER the students' notebook alone, without a class
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .build import BuildError, build, release
from .course import Course
from .feedback import give
from .form import FormError
from .grade import Summary, grade
from .sandbox import SandboxMissing


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 if all of it was done."""
    parser = argparse.ArgumentParser(
        prog="python -m rnn_edu.grading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("source", type=Path, nargs="+", help="notebooks/assignments/NAME.py")
    building.add_argument("course", type=Path, help="the course folder; made if there is none")
    releasing = commands.add_parser("release")
    releasing.add_argument("source", type=Path, nargs="+", help="notebooks/assignments/NAME.py")
    releasing.add_argument("folder", type=Path, help="where the notebooks go")
    for name in ("grade", "feedback"):
        command = commands.add_parser(name)
        command.add_argument("course", type=Path)
        command.add_argument("--assignment", help="one of them; all that were built by default")
        if name == "grade":
            command.add_argument("--jobs", type=int, help="how many at a time (all processors)")
            command.add_argument("--seed", type=int, help="draw other inputs than the recorded")
            command.add_argument("--again", action="store_true", help="grade the unchanged, too")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (BuildError, FileNotFoundError, FormError, SandboxMissing, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "release":
        for source in options.source:
            print(release(source, options.folder))
        return 0
    course = Course(options.course.resolve())
    if options.command == "build":
        course.root.mkdir(parents=True, exist_ok=True)
        for source in options.source:
            print(build(source, course))
        return 0
    names = [options.assignment] if options.assignment else course.assignments()
    if not names:
        raise FileNotFoundError(f"no assignment was built in {course.root}")
    for name in names:
        if options.command == "grade":
            summary = grade(course, name, jobs=options.jobs, seed=options.seed, again=options.again)
            _tell(name, summary)
            pages = give(course, name, renew=False)
        else:
            pages = give(course, name)
        print(f"feedback: {pages} pages written in {course.root / 'feedback'}")
    return 0


def _tell(name: str, summary: Summary) -> None:
    """What a teacher wants to know at once; the rest is in the table."""
    results = summary.results.values()
    problems = [r for r in results if r.problem]
    print(f"{name}: {len(results)} submissions, {len(summary.new)} of them new or changed")
    for result in problems:
        print(f"  not graded: {result.student!r}: {result.problem!r}")
    for result in results:
        for note in result.notes:
            print(f"  note: {result.student!r}: {note!r}")
    print(f"table: {summary.table}")


if __name__ == "__main__":
    sys.exit(main())
