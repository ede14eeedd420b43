"""Adds up ctest's JUnit files: count_tests.py BROKEN FILE..., BROKEN being the number of parts without results.

Names the tests that failed or were skipped, and of those that passed the cases that they skipped; the last line is
"N passed, N failed, N skipped". Status 0 where nothing failed and something passed.
"""

import sys
import xml.etree.ElementTree as ElementTree


def skips(case) -> list[str]:
    """The lines in which Qt Test says that it skips a case."""
    return [line for line in (case.findtext("system-out") or "").splitlines() if line.startswith("SKIP ")]


def outcome(case) -> str:
    """A test is skipped where it says so or is disabled; one that could not be started has failed."""
    status = case.get("status")
    if status == "run":  # Qt Test ends with 0, too, where a test skips all of its cases
        return "skipped" if any("::initTestCase()" in line for line in skips(case)) else "passed"
    note = case.find("skipped")
    message = (note.get("message") or "") if note is not None else ""
    if status == "disabled" or (status == "notrun" and message.upper().startswith(("SKIP_", "DISABLED"))):
        return "skipped"
    return "failed"


def main() -> int:
    counts = {"passed": 0, "failed": int(sys.argv[1]), "skipped": 0}
    for path in sys.argv[2:]:
        suite = path.rsplit("/", 1)[-1].removesuffix(".xml")
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            result = outcome(case)
            counts[result] += 1
            if result != "passed":
                print(f"{result}: {case.get('name')} ({suite})")
            elif skips(case):
                print(f"skips {len(skips(case))} of its cases: {case.get('name')} ({suite})")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
