"""Adds up ctest's JUnit files: count_tests.py BROKEN FILE..., BROKEN being the number of parts without results.

Names the tests that failed or were skipped; the last line is "N passed, N failed, N skipped". Status 0 where nothing
failed and something passed.
"""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case) -> str:
    """A test is skipped where it says so or is disabled; one that could not be started has failed."""
    status = case.get("status")
    if status == "run":
        return "passed"
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
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
