"""A draw is the same whatever goes with it: batches, their order, threads, more draws, another process."""

from __future__ import annotations

import ast
import multiprocessing
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import demo_sim as ds
from demo_sim.block.persons import PersonsOfBlock, follow_persons
from demo_sim.block.project import Block, project
from demo_sim.block.reduce import Placed, Reduced, placed, reduce
from demo_sim.block.relatives import Relatives, pool
from demo_sim.engine import size
from demo_sim.engine.size import Size
from demo_sim.execution.helpers import Helpers
from demo_sim.inputs.build import Inputs, build_inputs
from demo_sim.inputs.draws import STATED
from demo_sim.results import digest
from demo_sim.run import carry_out, prepare, simulate

MINIMAL = Path(__file__).parents[1] / "data" / "minimal" / "scenario.yaml"
DRAWS, PERSON_DRAWS = 8, 5
NAMES = ("people", "plan", "tables")
SERIES = (
    "population/summary", "flows/flows", "flows/migration_cut", "groups/groups", "demand/need", "demand/supply",
    "demand/stocks", "plan/indicator",
)  # fmt: skip
PLACEMENT = (
    "care_settings", "waiting", "in_institutions", "waiting_years", "waiting_years_all", "waited_years", "care_flows",
    "usable_places",
)  # fmt: skip
# each example is two runs: few of them, and none to find a smaller one
few = settings(deadline=None, max_examples=3, derandomize=True, phases=[Phase.generate])


@pytest.fixture(scope="module")
def scenarios() -> dict[str, ds.Scenario]:
    """`people`, short and coarse with families and homes; `plan`, without persons, and its year; `tables`, four tables
    and many draws."""
    hunan = ds.load("hunan").replace({"draws": DRAWS})
    persons = {"options.person_draws": PERSON_DRAWS, "scale": 50_000, "period.end": 2022, "plan": []}
    banded = {"fertility.srb": {"value": 1.1, "low": 1.05, "high": 1.2}, "draws": 70}
    return {
        "people": hunan.replace(persons),
        "plan": hunan.replace({"draws": 20, "period.end": 2025}),
        "tables": ds.load(MINIMAL).replace(banded),
    }


def run_of(name: str, scenario: ds.Scenario, threads: int | None = None) -> ds.Results:
    return simulate(scenario, engine="people" if name == "people" else "cohort", threads=threads)


@pytest.fixture(scope="module")
def runs(scenarios: dict[str, ds.Scenario]) -> dict[str, ds.Results]:
    return {name: run_of(name, scenario) for name, scenario in scenarios.items()}


@pytest.fixture(scope="module")
def inputs(scenarios: dict[str, ds.Scenario]) -> Inputs:
    return build_inputs(scenarios["people"])


@pytest.fixture(scope="module")
def plan(inputs: Inputs) -> Size:
    return Size.of(inputs, "people", 2)


@pytest.fixture(scope="module")
def followed(inputs: Inputs, plan: Size) -> list[PersonsOfBlock]:
    """The person draws, and the replicates."""
    return [follow_persons(inputs, numbers, plan) for numbers in (*plan.person_batches(), *plan.replicates())]


@pytest.fixture(scope="module")
def relatives(inputs: Inputs, followed: list[PersonsOfBlock]) -> Relatives:
    *own, replicates = followed
    found = pool(inputs, own, [replicates], map)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def block(inputs: Inputs, relatives: Relatives) -> Block:
    """All draws at once, in order, the run at stated values first."""
    return project(inputs, np.arange(STATED, DRAWS), relatives)


def arrays(value: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """All arrays within a value, with where they stand."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from arrays(part, f"{path}/{key}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from arrays(part, f"{path}/{place}")
    elif is_dataclass(value):
        yield from arrays({field.name: getattr(value, field.name) for field in fields(value)}, path)


def assert_same(found: Any, wanted: Any) -> None:
    """Whether all arrays of two values are equal."""
    first, second = dict(arrays(found)), dict(arrays(wanted))
    assert list(first) == list(second) and first
    for path, values in first.items():
        np.testing.assert_array_equal(values, second[path], err_msg=path)


def assert_same_draws(found: Block, wanted: Block) -> None:
    """Whether the draws of a block are those of another one, which has them all."""
    places = [wanted.numbers.tolist().index(number) for number in found.numbers.tolist()]
    for name in ("flows", "cut", "groups", "series"):
        of_found, of_wanted = (dict(arrays(getattr(b, name))) for b in (found, wanted))
        for path, values in of_found.items():
            np.testing.assert_array_equal(values, of_wanted[path][..., places], err_msg=f"{name}{path}")
    np.testing.assert_array_equal(found.summary, wanted.summary[places])
    np.testing.assert_array_equal(found.cells, wanted.cells[places])


def cut(patch: pytest.MonkeyPatch, batch: int, together: int, shuffle: int | None = None) -> None:
    """Let so many draws be worked on together, and so many person draws live together; the blocks of draws in a
    shuffled order, of shuffled numbers, where a seed is given."""
    plain_of, plain_batches = Size.of.__func__, Size.batches  # type: ignore[attr-defined]

    def of(cls: type[Size], *arguments: Any) -> Size:
        return replace(plain_of(cls, *arguments), together=together)

    def batches(self: Size, without: Sequence[int] = ()) -> Sequence[np.ndarray]:
        blocks = plain_batches(self, without)
        if shuffle is None:
            return blocks
        mixed = np.random.default_rng(shuffle).permutation(np.concatenate(blocks))
        return np.array_split(mixed, len(blocks))

    patch.setattr(size, "BATCH", batch)
    patch.setattr(Size, "of", classmethod(of))
    patch.setattr(Size, "batches", batches)


def assert_same_run(found: ds.Results, wanted: ds.Results) -> None:
    """Whether two runs are the same: the digest of all numbers, and the words of the tables."""
    assert digest(found) == digest(wanted)
    for table in ("targets", "answers", "variance", "kin_check", "outcomes", "inputs"):
        assert getattr(found, table).equals(getattr(wanted, table)), table


@pytest.mark.parametrize(("batch", "together"), [(1, 1), (7, 2), (64, 64)])
@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_batches_moves_nothing(
    scenarios: dict[str, ds.Scenario],
    runs: dict[str, ds.Results],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    batch: int,
    together: int,
) -> None:
    cut(monkeypatch, batch, together)
    assert_same_run(run_of(name, scenarios[name]), runs[name])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_order_of_blocks_and_threads_move_nothing(
    scenarios: dict[str, ds.Scenario],
    runs: dict[str, ds.Results],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    threads: int,
) -> None:
    """Also where the draws of a block have any numbers in any order."""
    cut(monkeypatch, 4, 3, shuffle=threads)
    assert_same_run(run_of(name, scenarios[name], threads), runs[name])


@pytest.mark.parametrize("name", ["people", "plan"])
def test_processes_move_nothing(
    scenarios: dict[str, ds.Scenario], runs: dict[str, ds.Results], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Blocks of draws and batches of persons that another process shares."""
    monkeypatch.setattr(size, "LEAST_BATCH", 2)
    scenario = scenarios[name]
    with Helpers(1, ("demo_sim.run",)) as helpers:
        prepared = prepare(scenario, "people" if name == "people" else "cohort", 2, helpers.processes)
        assert len(prepared[1].batches()) > 2 and prepared[1].side_by_side == (name == "people")
        assert_same_run(carry_out(scenario, *prepared, workers=helpers), runs[name])


@pytest.mark.parametrize("name", ["people", "plan"])
def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter_one(
    scenarios: dict[str, ds.Scenario], runs: dict[str, ds.Results], name: str
) -> None:
    shorter = runs[name]
    longer = run_of(name, scenarios[name].replace({"draws": shorter.draws + 30}))
    paths = [*SERIES, *(f"placement/{part}" for part in PLACEMENT)]
    shared = [path for path in paths if path in shorter]
    lacking = {"plan/indicator"} if name == "people" else {f"placement/{part}" for part in PLACEMENT}
    assert set(paths) - set(shared) == lacking and all(path in longer for path in shared)
    for path in shared:
        own = shorter.array(path)
        np.testing.assert_array_equal(longer.array(path)[: own.sizes["draw"]], own, err_msg=path)
    assert digest(longer.central) == digest(shorter.central)


@pytest.mark.parametrize("draws", [0, 2, 40])
def test_persons_are_the_same_whatever_the_number_of_draws(
    scenarios: dict[str, ds.Scenario], runs: dict[str, ds.Results], followed: list[PersonsOfBlock], draws: int
) -> None:
    """As many are followed where fewer random draws are asked for."""
    scenario = scenarios["people"].replace({"draws": draws})
    own = build_inputs(scenario)
    plan = Size.of(own, "people", 2)
    assert (plan.draws, plan.person_draws) == (draws, PERSON_DRAWS)
    batches = [*plan.person_batches(), *plan.replicates()]
    assert_same([follow_persons(own, numbers, plan) for numbers in batches], followed)
    if draws == 40:  # the longer run of the test before
        return
    run = simulate(scenario)
    assert digest(run.central) == digest(runs["people"].central)
    homes = run.array("placement/in_institutions")
    assert homes.sizes["draw"] == draws
    np.testing.assert_array_equal(homes, runs["people"].array("placement/in_institutions")[: homes.sizes["draw"]])


def test_another_number_of_person_draws_moves_groups_by_relatives_alone(
    scenarios: dict[str, ds.Scenario], runs: dict[str, ds.Results]
) -> None:
    few_persons = simulate(scenarios["people"].replace({"options.person_draws": 3}))
    for path in ("population/summary", "flows/flows"):
        np.testing.assert_array_equal(few_persons.array(path), runs["people"].array(path), err_msg=path)
    moved = (few_persons.groups != runs["people"].groups) & runs["people"].groups.notnull()
    rules = runs["people"].groups["group_rule"]
    by_group = moved.any(("draw", "time", "residence"))
    assert by_group.sel(group=["orphans", "left_behind"]).all()
    assert not by_group[rules.isin(["cells"])].any()


def test_a_block_changes_nothing_but_what_it_gives(inputs: Inputs, plan: Size, relatives: Relatives) -> None:
    numbers = np.array([5, STATED, 3])
    before = [pickle.dumps(value) for value in (inputs, relatives, plan, numbers)]
    first = project(inputs, numbers, relatives)
    assert_same(project(inputs, numbers, relatives), first)
    assert [pickle.dumps(value) for value in (inputs, relatives, plan, numbers)] == before


def test_persons_change_nothing_but_what_they_give(inputs: Inputs, plan: Size) -> None:
    numbers = np.arange(1, 3)
    before = [pickle.dumps(value) for value in (inputs, plan, numbers)]
    first = follow_persons(inputs, numbers, plan)
    assert_same(follow_persons(inputs, numbers, plan), first)
    assert [pickle.dumps(value) for value in (inputs, plan, numbers)] == before


@pytest.mark.parametrize("numbers", [[3], [STATED], [7, 3], [6, STATED, 0, 5], [2, 1, 0]])
def test_a_draw_is_the_same_whatever_goes_with_it(
    inputs: Inputs, relatives: Relatives, block: Block, numbers: list[int]
) -> None:
    own = project(inputs, np.array(numbers), relatives)
    assert_same_draws(own, block)
    assert (own.stated is not None) == (STATED in numbers)
    if own.stated is not None:
        assert_same(own.stated, block.stated)


def test_persons_of_a_draw_are_the_same_whichever_live_with_them(
    inputs: Inputs, plan: Size, followed: list[PersonsOfBlock]
) -> None:
    whole = followed[0]
    for first, last in ((0, 1), (1, 3), (4, 5)):
        own = follow_persons(inputs, np.arange(first, last), plan)
        for name in ("kin", "care"):
            for (path, values), (_, wanted) in zip(
                arrays(getattr(own, name)), arrays(getattr(whole, name)), strict=True
            ):
                if values.shape[-1] == last - first:  # what tells the classes apart has no draws
                    np.testing.assert_array_equal(values, wanted[..., first:last], err_msg=f"{name}{path}")
        assert own.fits == whole.fits[first:last]


@pytest.mark.parametrize("name", ["inputs", "relatives", "block", "plan"])
def test_what_goes_to_a_worker_and_comes_back_pickles(name: str, request: pytest.FixtureRequest) -> None:
    value = request.getfixturevalue(name)
    again = pickle.loads(pickle.dumps(value))
    assert type(again) is type(value)
    if name != "plan":
        assert_same(again, value)
    else:
        assert again == value


def test_persons_pickle(followed: list[PersonsOfBlock]) -> None:
    assert_same(pickle.loads(pickle.dumps(followed)), followed)


def test_a_worker_process_gives_what_is_given_here(
    scenarios: dict[str, ds.Scenario], runs: dict[str, ds.Results], inputs: Inputs, plan: Size, block: Block,
    relatives: Relatives, followed: list[PersonsOfBlock],
) -> None:  # fmt: skip
    """Scenarios, blocks and persons, each sent to a process that starts from nothing."""
    minimal = [scenarios["tables"].replace({"draws": 3, "seed": seed}) for seed in (1, 2)]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as workers:
        own = [workers.submit(ds.simulate, scenario) for scenario in minimal]
        persons = workers.submit(ds.simulate, scenarios["people"])
        some = workers.submit(project, inputs, np.array([4, STATED, 7]), relatives)
        lived = workers.submit(follow_persons, inputs, plan.person_batches()[0], plan)
        digests = [digest(one.result()) for one in own]
        assert digests == [digest(ds.simulate(scenario)) for scenario in minimal] and digests[0] != digests[1]
        assert_same_run(persons.result(), runs["people"])
        assert_same_draws(some.result(), block)
        assert_same(lived.result(), followed[0])


def together(inputs: Inputs, plan: Size, order: np.random.Generator | None = None) -> tuple[Reduced, Placed]:
    """A run from its inputs to what its verdicts see, in blocks as the plan cuts them, in any order or as they come."""
    own, again = (
        [follow_persons(inputs, n, plan) for n in cuts] for cuts in (plan.person_batches(), plan.replicates())
    )
    relatives, batches = pool(inputs, own, again, map), plan.batches()
    if order is not None:
        order.shuffle(batches)
    blocks = [project(inputs, numbers, relatives) for numbers in batches]
    reduced = reduce(blocks, plan.draws, False, [])
    # of the stocks it holds the arrays of the block with the stated run alone; those of all draws are among the series
    supply = replace(reduced.supply, series={})
    return replace(reduced, supply=supply), placed(own, again, np.arange(plan.draws), plan.scale)


@pytest.fixture(scope="module")
def one_year(scenarios: dict[str, ds.Scenario]) -> Inputs:
    return build_inputs(scenarios["people"].replace({"period.end": 2021}))


@few
@given(st.integers(2, 6), st.integers(1, 3), st.integers(50_000, 500_000), st.integers(0, 2**32 - 1))
def test_blocks_of_any_size_at_any_scale_give_the_same_run(
    one_year: Inputs, plan: Size, batch: int, most: int, scale: int, seed: int
) -> None:
    inputs = replace(one_year, seed=seed)
    whole = replace(plan, draws=5, person_draws=3, scale=float(scale), seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        wanted = together(inputs, whole)
        patch.setattr(size, "BATCH", batch)
        assert len(whole.batches()) == -(-6 // batch)
        found = together(inputs, replace(whole, together=most), np.random.default_rng(seed))
    for part, other in zip(found, wanted, strict=True):
        assert_same(part, other)


@pytest.mark.parametrize("room", ["block", "demand", "engine", "supply"])
def test_the_scenario_ends_below_the_blocks(room: str) -> None:
    """What is worked out of inputs is a function of inputs: these rooms do not know the class that was loaded."""
    sources = sorted((Path(ds.__file__).parent / room).glob("*.py"))
    assert sources
    for source in sources:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "Scenario" not in names, source.name
