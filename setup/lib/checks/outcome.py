"""The result of one stage, and how results are told."""

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What one stage found. A failure is a pair (name, details); a skip (name, reason)."""

    title: str
    passed: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fail(self, name: str, details: str = "") -> None:
        self.failed.append((name, details))

    def skip(self, name: str, reason: str) -> None:
        """Without a reason a skip hides something: then it counts as a failure."""
        if reason.strip():
            self.skipped.append((name, reason.strip()))
        else:
            self.fail(name, "skipped without a reason")

    def lines(self) -> list[str]:
        told = [f"  ✗ {name}{indented(details)}" for name, details in self.failed]
        told += [f"  - {name}: skipped, {reason}" for name, reason in self.skipped]
        told += [f"  · {note}" for note in self.notes]
        return [*told, f"  {self.title}: {count([self])}"]


def indented(details: str) -> str:
    return "".join(f"\n      | {line}" for line in details.rstrip().splitlines())


def count(outcomes: list[Outcome]) -> str:
    """`N passed, N failed, N skipped` over all outcomes."""
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(len(outcome.failed) for outcome in outcomes)
    skipped = sum(len(outcome.skipped) for outcome in outcomes)
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def is_good(outcomes: list[Outcome]) -> bool:
    """No failure, and at least one thing that passed."""
    passed = sum(outcome.passed for outcome in outcomes)
    return passed > 0 and not any(outcome.failed for outcome in outcomes)
