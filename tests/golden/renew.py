"""Keep the results as they are now, and say what moved: `python tests/golden/renew.py`.

Run it after a change that was meant to move results; the reason goes into CHANGELOG.md.
"""

from __future__ import annotations

from cases import CASES, differences, file_of, numbers, read, simulate, write

for case in CASES:
    found = numbers(simulate(case))
    moved = differences(read(case), found) if file_of(case).is_file() else ["all of it: first time"]
    write(case, found)
    print(f"{case}: {len(found)} numbers kept, {len(moved)} of them moved")
    print(*(f"  {line}" for line in moved[:20]), sep="\n")
    if moved:
        print("  put the reason and the size into CHANGELOG.md under “Results change”")
