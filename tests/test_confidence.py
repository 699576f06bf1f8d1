"""How sure a score is said to be."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from streets import area, effect, extract, layer, street

from riskmap.area import Area
from riskmap.confidence import STEPS, confidence, questions
from riskmap.touch import KNOWN, UNKNOWN


@pytest.fixture(scope="module")
def own() -> Area:
    """Four lanes of one piece each, and two layers that ask about all of them."""
    ways = [street((1000.0 * n, 0.0), (1000.0 * n + 90.0, 0.0)) for n in range(4)]
    return area(extract(ways), layer("a", effect()), layer("b", effect()))


def scored(own: Area, wide: float) -> pd.DataFrame:
    return pd.DataFrame({"low": 1.0, "high": wide}, index=own.segments.index)


def known(own: Area, *, layers: bool = True, inputs: bool = False, records: bool = False) -> Area:
    """The town with so much known of it."""
    codes = own.known.copy()
    codes[:] = KNOWN
    if not layers:
        codes[0] = UNKNOWN
    segments = own.segments.assign(**dict.fromkeys(
        ("speed_source", "flow_source"), "map" if inputs else "prior"
    ))  # fmt: skip
    found = replace(own, known=codes, network=replace(own.network, segments=segments))
    if not records:
        return found
    table = pd.DataFrame(
        {"crashes_per_year": 0.1, "expected_per_year": [0.1, 0.1, 0.25, 0.25]},
        index=segments.index,
    )
    return replace(
        found,
        learned=SimpleNamespace(segments=table),  # type: ignore[arg-type]
        crashes=SimpleNamespace(years=pd.Series(1.0, index=range(2020, 2024))),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("layers", "wide", "inputs", "said"),
    [
        (True, 1.5, True, "high"),
        (True, 1.5, False, "middle"),
        (True, 3.0, True, "middle"),
        (False, 1.5, True, "middle"),
        (True, 3.0, False, "low"),
        (False, 3.0, False, "low"),
    ],
)
def test_three_questions_answered_are_high_two_middle(
    own: Area, layers: bool, wide: float, inputs: bool, said: str  # noqa: FBT001  # of a table
) -> None:
    there = known(own, layers=layers, inputs=inputs)
    assert confidence(there, scored(there, wide)).tolist() == [said] * 4


def test_records_speak_where_a_crash_was_to_be_expected_in_their_years(own: Area) -> None:
    there = known(own, records=True)
    # 0.25 a year over four years is one crash, 0.1 is none
    assert questions(there, scored(there, 1.5))["records"].tolist() == [False, False, True, True]
    assert confidence(there, scored(there, 1.5)).tolist() == ["middle", "middle", "high", "high"]


def test_more_answers_are_never_less_sure(own: Area) -> None:
    rank = {step: number for number, step in enumerate(STEPS)}
    for wide in (1.5, 3.0):
        for layers in (True, False):
            one, two = (
                confidence(there, scored(there, wide)).map(rank)
                for there in (known(own, layers=layers, inputs=i) for i in (False, True))
            )
            assert (two <= one).all()


def test_a_road_without_harm_has_no_wide_interval(own: Area) -> None:
    there = known(own)
    none = scored(there, 1.5) * 0.0
    assert questions(there, none)["narrow"].all()
