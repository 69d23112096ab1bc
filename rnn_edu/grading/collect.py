"""Collecting from the exchange: what does not belong to its sender is refused, not copied.

nbgrader collects such a submission with a warning. Anyone may write into an exchange's inbound
folder, so a forged one would replace its victim's own; and a symbolic link in a submission would be
followed with the teacher's rights.
"""

from __future__ import annotations

import json
import pwd
from pathlib import Path
from typing import Any

from nbgrader.exchange.default.collect import ExchangeCollect

from .course import write

REFUSED = "refused.json"


def offence(folder: Path, student: str) -> str:
    """Why a collected folder is refused, "" if it is not: it and all in it must be the student's.

    folder: where the exchange keeps it. student: the name it was handed in under.
    """
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        try:
            owner = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            owner = f"user {status.st_uid}"
        if owner != student:
            return f"handed in under the name of {student}, but it belongs to {owner}"
        if not (path.is_file() or path.is_dir()) or path.is_symlink():
            return f"{path.name} is a link or no plain file"
    return ""


class Collect(ExchangeCollect):
    """nbgrader's collect, for its own command and the formgrader's button; see nbgrader_config.py.

    What was refused is written to COURSE/grading/ASSIGNMENT/refused.json, from where `grade`
    reports it. With `check_owner` off, for exchanges without owners, only links are refused.
    """

    def _path_to_record(self, path: str) -> dict[str, Any]:
        record = super()._path_to_record(path)
        student = record["username"] if self.check_owner else Path(path).owner()
        return record | {"offence": offence(Path(path), student)}

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The latest first; a refused one only where there is nothing else."""
        return super()._sort_by_timestamp([r for r in records if not r["offence"]] or records)

    def init_src(self) -> None:
        """Find what is to be collected: never what was refused."""
        super().init_src()
        self.src_records = [r for r in self.src_records if not r["offence"]]

    def copy_files(self) -> None:
        """Say and keep what was refused, then collect the rest."""
        pattern = f"{self.coursedir.student_id or '*'}+{self.coursedir.assignment_id}+*"
        found = [self._path_to_record(str(p)) for p in Path(self.inbound_path).glob(pattern)]
        refused = [r for r in found if r["offence"]]
        for record in refused:
            self.log.warning("Refused: %s: %s", record["filename"], record["offence"])
        note(Path(self.coursedir.root) / "grading" / self.coursedir.assignment_id, refused)
        super().copy_files()


def note(folder: Path, refused: list[dict[str, Any]]) -> None:
    """Keep what was refused: {student: [folder and reason, ...]}."""
    reasons: dict[str, list[str]] = {}
    for record in refused:
        reasons.setdefault(record["username"], []).append(
            f"{record['filename']}: {record['offence']}"
        )
    write(folder / REFUSED, json.dumps(reasons, indent=1, sort_keys=True))


def refused(folder: Path) -> dict[str, list[str]]:
    """What `note` kept; nothing where nothing was collected."""
    path = folder / REFUSED
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
