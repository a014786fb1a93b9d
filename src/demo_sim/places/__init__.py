"""What the censuses publish of every place of China: nation, provinces, prefectures, counties and zones.

Plain Python: `validate` reads it. The tables lie in `data/`, each with publisher, licence and date in its first line;
`calibration/places/build.py` compiles them.
"""

from __future__ import annotations

from demo_sim.places.finding import Place, children, counties_of, find, place_of, places, the_place

__all__ = ["Place", "children", "counties_of", "find", "place_of", "places", "the_place"]
