"""Columns of the two tables of a year of persons: cuts that are read and counts that are written.

Both have one row a draw, sex and age on 1 January, so that all that one person needs lies side by side in the cache
and takes one index. Residences are 0 and 1 (`r`), halves of the year 0 and 1 (`h`), levels below `LEVELS` (`f`).
"""

from __future__ import annotations

LEVELS = 5

# Cuts, uint64 thresholds of 32-bit words.
MOST = 0  # largest threshold of each of the four words
MOVE = MOST + 4  # r, 6: cumulative cuts of the move word for a person who did not move before
AGAIN = MOVE + 2 * 6  # r, 3: second-half cuts of who moved in the first half
LEAVE = AGAIN + 2 * 3  # r: second-half external cut of who moved in the second half
DEATH = LEAVE + 2  # r, f: by the age on 1 January
CHANGE = DEATH + 2 * LEVELS  # r, f, 5: cumulative cuts of the new level, staying last
BIRTH = CHANGE + 2 * LEVELS * LEVELS  # r, parity, 2: cut of each of the two exposures
ABROAD = BIRTH + 2 * 4 * 2  # origin, 3: of people outside, death and cumulative cuts of a return
BACK = ABROAD + 2 * 3  # h, r, f: cumulative cuts of the level of who returns
TWIN = BACK + 2 * 2 * LEVELS  # share of deliveries with two children
BOY = TWIN + 1  # r
NEWBORN_DEATH = BOY + 2  # r, sex
NEWBORN_MOVE = NEWBORN_DEATH + 2 * 2  # r, sex, 3: re-coded, moved (cumulative); left in the second half
CUTS = NEWBORN_MOVE + 2 * 2 * 3

# Places in the runs of MOVE, AGAIN and ABROAD.
LEAVE_FIRST, RECODE_FIRST, MOVE_FIRST, RECODE_SECOND, MOVE_SECOND, LEAVE_SECOND = range(6)
AWAY_DEATH, RETURN_FIRST, RETURN = range(3)

# Counts, int64.
ENDS = 0  # code: change of the year-end count against nobody having an event
DIED = ENDS + 1 + 2 * LEVELS  # r, f
LEFT = DIED + 2 * LEVELS  # h, r: external leavers
ENTERED = LEFT + 2 * 2  # h, r: people who return
MOVED = ENTERED + 2 * 2  # h, kind (moved, re-coded), residence left
GAVE_BIRTH = MOVED + 2 * 2 * 2  # exposure, r: children
NEWBORN = GAVE_BIRTH + 2 * 2  # r, sex, 5: born, died, re-coded, moved, left, by the age of the mother
COUNTS = NEWBORN + 2 * 2 * 5
