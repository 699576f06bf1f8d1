"""Every [[example]] of every layer, and what the runner says of a wrong one."""

from dataclasses import replace
from typing import Any

import pytest
from streets import layer, source

from riskmap import examples
from riskmap.layer import Example, Layer
from riskmap.layers import read_layers

SHIPPED = read_layers()
CASES = [
    pytest.param(own, example, id=f"{own.name}-{number}")
    for own in SHIPPED.values()
    for number, example in enumerate(own.examples, 1)
]


@pytest.mark.parametrize(("own", "example"), CASES)
def test_every_example_of_a_shipped_layer_holds(own: Layer, example: Example) -> None:
    assert examples.touched(own, example.given) == pytest.approx(
        example.touch, abs=examples.TOLERANCE
    )


def test_a_shipped_layer_has_no_faults() -> None:
    assert [fault for own in SHIPPED.values() for fault in examples.faults(own)] == []


def test_a_wrong_example_says_what_the_layer_gives() -> None:
    right = Example({"distance_m": 25.0}, 0.75)
    wrong = Example({"distance_m": 50.0}, 0.9)
    own = replace(layer(), examples=(right, wrong))
    (fault,) = examples.faults(own)
    assert fault == (
        "layers/school.toml: [[example]] 2 says touch = 0.9, but the layer gives 0.5; "
        "mend the example or [touch]"
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"distance_m": 0.0}, 1.0),
        ({"distance_m": 25.0}, 0.75),
        ({"distance_m": 25.0, "area": "urban"}, 0.0),
        ({"distance_m": 25.0, "bridge": True}, 0.0),
        ({"distance_m": 25.0, "tunnel": True}, 0.75),
        ({"distance_m": 25.0, "road_class": "service"}, 0.0),
    ],
)
@pytest.mark.parametrize("relation", ["near", "along"])
def test_an_example_states_distance_and_the_road(
    relation: str, given: dict[str, Any], expected: float
) -> None:
    where = {"area": "rural", "bridge": False, "road_class": ("tertiary",)}
    assert examples.touched(layer(relation=relation, where=where), given) == expected


def test_an_example_states_how_many_features_there_are() -> None:
    own = layer(sources=(source({"shop": ("*",)}, amount=2.0),), combine="capped_sum", cap=10)
    assert examples.touched(own, {"distance_m": 50.0, "amount": 4}) == pytest.approx(0.4)


def test_an_example_states_the_classes_that_meet() -> None:
    own = layer(
        relation="at_junction", sources=(source(network={"approaches": (3.0, 9.0)}),),
        minor=("service",), major=("trunk",), control=("unknown",),
    )  # fmt: skip
    for classes, control, expected in [
        (("trunk", "trunk", "service"), "unknown", 1.0),
        (("trunk", "trunk", "service"), "signals", 0.0),
        (("trunk", "trunk", "primary"), "unknown", 0.0),
    ]:
        given = {"classes": classes, "control": control}
        assert examples.touched(own, given) == expected
