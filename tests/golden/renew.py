"""Keep the results as they are now, and say what moved: `python tests/golden/renew.py`, some seconds.

Tables of README and docs that a run gives are written anew with them.

Run it after a change that was meant to move results; the reason goes into CHANGELOG.md.
"""

from __future__ import annotations

import time

from cases import CASES, differences, file_of, numbers, read, simulate, write
from printed import PRINTED, TARGETS, VERDICTS, renewed, with_decides, with_targets, with_verdicts

if __name__ == "__main__":
    for case in CASES:
        begun = time.perf_counter()
        found = numbers(simulate(case))
        moved = differences(read(case), found) if file_of(case).is_file() else ["all of it: first time"]
        write(case, found)
        seconds = time.perf_counter() - begun
        print(f"{case}: {len(found)} numbers kept, {len(moved)} of them moved ({seconds:.1f} s)")
        print(*(f"  {line}" for line in moved[:20]), sep="\n")
        if moved:
            print("  put the reason and the size into CHANGELOG.md under “Results change”")
    for page in PRINTED:
        page.write_text(renewed(page), encoding="utf-8")
    for page in VERDICTS:
        page.write_text(with_verdicts(page), encoding="utf-8")
    for page in VERDICTS:
        page.write_text(with_decides(page), encoding="utf-8")
    for page in TARGETS:
        page.write_text(with_targets(page), encoding="utf-8")
