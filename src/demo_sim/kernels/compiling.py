"""All kernels compiled before the first run, by several processes at once; each is in the cache when it is called.

Compiling takes half a minute on one core, and Numba compiles one function at a time in a process.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from numba import typeof, types
from numba.core.types.functions import BaseFunction

from demo_sim.kernels import given
from demo_sim.kernels._jit import cache_dir
from demo_sim.kernels.columns import columns

# Types of the arguments: a scalar, an array that is contiguous with its number of dimensions in brackets, or the two
# places of most runs. What takes longest comes first, so that the parts of the work are alike.
SIGNATURES = {
    "person_year.person_year": "int64[2] SegmentColumns PersonColumns Clock places uint64[2] bool int64 int64[2] "
    "NewbornColumns int64[1] int64[1] Households",
    "placement.rank_older": "places int64[2] SegmentColumns PersonColumns uint8[1] uint8[1] CareColumns Clock int64 "
    "Wishes Priority int64[2] RankedColumns RankedColumns",
    "founding.found_families": "Women Clock places PastCuts Pools PersonColumns KinColumns int64[1]",
    "kin.family_codes": "places int64[2] SegmentColumns PersonColumns KinColumns uint8[1] uint8[2] int64 int64[3]",
    "unions.screen_unions": "int64[2] SegmentColumns int64[1] PersonColumns Clock UnionCuts uint8[1] int64[2]",
    "lifetable.survival_deficit": "float64[4] float64[4]",
    "unions.change_unions": "places int64[2] SegmentColumns int64[1] PersonColumns Clock UnionCuts Market KinColumns",
    "unions.marry_mothers": "int64 int64 uint64 Clock places int64[1] Market PersonColumns KinColumns int64[1]",
    "rows.enter": "int64[2] int64[2] int64[5] uint64 int64 uint64 uint64 uint64[5] uint64[3] int64 uint8[1] uint8[1] "
    "uint64[1] uint8[1] uint16[1]",
    "founding.settle_men": "int64[1] int64[1] uint64[1] int64[1] uint64[2] uint64 uint64 uint64 uint8[1] uint8[1] "
    "uint16[1]",
    "placement.rank_admitted": "uint16[1] uint32[1] int64 int64 uint8[1] int64[1]",
    "kin.record_births": "int64 int64 uint64 Clock places PersonColumns KinColumns",
    "placement.settle": "int32[1] uint16[1] uint8[1] uint8[1] uint8[1] uint8[1] int64 int64[2] int64[3]",
    "placement.count_settings": "int64[2] uint8[1] uint8[1] int64[2]",
    "rows.assign_classes": "int64[1] int64[1] uint64[1] uint64[2] uint64[2] uint64 uint64 uint64 uint64 uint8[1] "
    "uint8[1]",
    "kin.mark_grandparents": "places int64[2] SegmentColumns PersonColumns KinColumns uint8[1]",
    "kin.follow_children": "places int64[1] int32[1] int32[1] uint16[1]",
    "kin.follow_partners": "places int64[1] int32[1] uint8[1] uint8[1]",
    "founding.ever_marry": "int64[1] int64[1] uint64[1] uint64[1] uint64 uint64 uint64 uint8[1]",
    "rows.count_codes": "int64[1] int64[1] int64[1] int64[2] uint8[1]",
    "philox.philox_words": "uint64[2] uint64[2]",
    "lifetable.e0_of_factor": "float64[2] float64[1] bool float64[1] float64[1]",
    "exclusive.fit_exclusive": "float64[2] bool[2] float64[2] float64[2]",
    "sequence.stratified_uniforms": "uint64 uint64[1] int64[1]",
    "placement.count_kin": "int64[2] int64[1] int64[1] uint8[1] uint8[1] uint8[1] int64 int64[4]",
    "unions.count_never": "int64[2] int64[1] int64[1] uint8[1] uint8[1] int64[1]",
    "cohort.move": "float64[4] float64[4] float64[2] int64 int64 float64[4] float64[4]",
    "cohort.die": "float64[4] float64[4] float64[4] float64[4]",
    "cohort.be_born": "float64[3] float64[2] float64[4] float64[4] float64[4]",
    "cohort.deliver": "float64[3] float64[4] float64[4] float64[3]",
    "cohort.migrate": "float64[4] float64[4] float64 int64 int64 float64[4]",
    "cohort.any_value": "float64[1]",
}
# Of what is given together: types in order.
GIVEN = {
    "SegmentColumns": "int64[1] int64[1] int64[1] int64[1] uint64[1] int64[1] int64[1]",
    "PersonColumns": "uint8[1] uint8[1] int32[1] uint64[1] int64",
    "KinColumns": "int32[1] int32[1] uint8[1] uint8[1] uint16[1]",
    "Clock": "uint64 uint64 uint64",
    "NewbornColumns": "int32[1] uint16[1] uint8[1] uint64[1]",
    "Households": "uint64[2] int32[1] uint8[1]",
    "UnionCuts": "uint64[1] uint64[1] uint64[1] uint64[2]",
    "CareColumns": "uint8[1] uint8[1] uint8[1]",
    "Wishes": "bool uint64[4] uint64[3] uint64[2] uint64[3] bool[1] uint64[1]",
    "Priority": "uint8[1] uint64[6] int64[1] int64[2] int64[1] bool[5] int64",
    "RankedColumns": "int32[1] uint16[1] uint32[1]",
    "Women": "int64[1] int64[1] int64[1] uint64[1] int64[1] int64[1]",
    "PastCuts": "uint64[2] uint64[1] uint64[2] uint64[2] uint64[3] uint64 uint64[1] float64[2] uint64[1] uint64[3] "
    "uint64[4]",
    "Pools": "int64[2] int64[2] int64[3] int64[3]",
    "Market": "int64 uint64[2] int64[2] int64[1] int64[3]",
}
_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
_MOST = 4  # processes; the largest kernel alone takes a fifth of all the time


def argument_types(signature: str) -> tuple[types.Type, ...]:
    """Numba's types of a text of `SIGNATURES`."""
    out = []
    for word in signature.split():
        if word == "places":
            out.append(typeof(columns(2).each))
            continue
        if word in GIVEN:
            out.append(types.BaseTuple.from_types(argument_types(GIVEN[word]), getattr(given, word)))
            continue
        name, dimensions = re.fullmatch(r"(\w+)(?:\[(\d)\])?", word).groups()  # type: ignore[union-attr]
        scalar = types.boolean if name == "bool" else getattr(types, name)
        out.append(types.Array(scalar, int(dimensions), "C") if dimensions else scalar)
    return tuple(out)


def compile_all(processes: int) -> None:
    """Compile all kernels by so many processes, this one among them; what another could not do is done when called."""
    parts = min(processes, _MOST) if cache_dir() else 1  # what another compiles comes back through the cache
    command = [sys.executable, "-m", "demo_sim.kernels.compiling"]
    same_cache = os.environ | {"NUMBA_CACHE_DIR": cache_dir()}
    others = []
    with suppress(OSError):  # no process may be started here: each kernel is compiled when it is called
        for part in range(1, parts):
            others.append(subprocess.Popen([*command, str(part), str(parts)], env=same_cache, **_QUIET))
    try:
        _compile_part(0, parts)
    finally:
        for other in others:
            other.wait()


@contextmanager
def types_found_once() -> Iterator[None]:
    """Let Numba remember what an operation on some types gives, which it is asked some hundred times.

    Each time it tries everything that `+` or `[]` could mean, an eighth of the time of compiling. The method is not a
    public one: where a later Numba has another, it is left alone and compiling takes longer.
    """
    found: dict[Hashable, Any] = {}
    whole = BaseFunction.get_call_type
    if list(inspect.signature(whole).parameters) != ["self", "context", "args", "kws"]:
        yield
        return

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        key = self, args, tuple(kws.items())
        if key not in found:
            found[key] = whole(self, context, args, kws)
        return found[key]

    BaseFunction.get_call_type = get_call_type  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseFunction.get_call_type = whole  # type: ignore[method-assign]


def _compile_part(part: int, parts: int) -> None:
    """Compile every so manieth kernel, there and back again, so that no part has the larger one each time."""
    collecting = gc.isenabled()
    gc.disable()  # nearly everything that compiling makes is kept: looking through it takes a tenth of the time
    try:
        with types_found_once():
            for i, name in enumerate(SIGNATURES):
                if part != (i % parts if i // parts % 2 == 0 else parts - 1 - i % parts):
                    continue
                module, _, function = name.partition(".")
                kernel = getattr(importlib.import_module(f"demo_sim.kernels.{module}"), function)
                kernel.compile(argument_types(SIGNATURES[name]))
    finally:
        if collecting:
            gc.enable()


if __name__ == "__main__":
    _compile_part(int(sys.argv[1]), int(sys.argv[2]))
