"""Reads Odoo's log: records, test results, and lines that must not be there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from databases import ROOT, addons

ALLOW_LIST = ROOT / "setup" / "log-allow-list.txt"
HEAD = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ "
    r"(?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[\w.\-]+): (?P<message>.*)$"
)
TEST_RESULT = re.compile(r"(FAIL|ERROR): ")
TEST_TOTAL = re.compile(
    r"(Module \S+: )?\d+ fail(ed|ures), \d+ error(s|\(s\)) of \d+ tests"
)


@dataclass
class Record:
    """One log record, with the lines that follow its first one."""

    level: str
    logger: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]

    def __str__(self) -> str:
        return f"{self.level} {self.logger}: {self.text}"


@dataclass
class Allowed:
    """A line that may be in the log, and why."""

    pattern: re.Pattern[str]
    reason: str


def records(lines: Iterable[str]) -> Iterator[Record]:
    current = None
    for line in lines:
        head = HEAD.match(line)
        if head:
            if current:
                yield current
            current = Record(head["level"], head["logger"], head["message"])
        elif current:
            current.text += "\n" + line.rstrip("\n")
    if current:
        yield current


def read(path: Path) -> list[Record]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(records(file))


def allow_list(path: Path = ALLOW_LIST) -> list[Allowed]:
    """The allow-list: a comment that is the reason, then the pattern that it is for."""
    allowed, reason = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = f"{reason} {line[1:].strip()}".strip()
        elif line.strip():
            if not reason:
                raise ValueError(f"{path.name}: no reason above {line!r}")
            allowed.append(Allowed(re.compile(line), reason))
        else:
            reason = ""
    return allowed


def is_test_result(record: Record) -> bool:
    """A line with which Odoo's runner tells of a failed test; counted as such."""
    return bool(TEST_RESULT.match(record.text) or TEST_TOTAL.match(record.text))


def is_bad(record: Record) -> bool:
    """An error of anyone, or a warning that names one of our addons."""
    if record.level in ("ERROR", "CRITICAL"):
        return not is_test_result(record)
    ours = any(re.search(rf"\b{addon}\b", str(record)) for addon in addons())
    return record.level == "WARNING" and ours


def bad_records(found: list[Record], allowed: list[Allowed]) -> list[Record]:
    """What is bad and stands on no allow-list."""
    return [
        record
        for record in found
        if is_bad(record) and not is_allowed(str(record), allowed)
    ]


def foreign_warnings(found: list[Record]) -> int:
    return sum(record.level == "WARNING" and not is_bad(record) for record in found)


def is_allowed(text: str, allowed: list[Allowed]) -> bool:
    return any(entry.pattern.search(text) for entry in allowed)
