"""The formula by hand: one road, one junction, one crossing; reasons, levels, intervals."""

import math
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import shapely
from streets import area, block, effect, extract, layer, relief, rules, street, thing

from riskmap.area import Area
from riskmap.daylight import LIGHTS
from riskmap.draws import Noise, noises
from riskmap.errors import RiskmapError
from riskmap.hours import KINDS
from riskmap.layer import Active, Effect, Layer
from riskmap.moments import Moment, Period, When
from riskmap.temper import densities
from riskmap.vocabulary import DAYS

P = rules()
LINKS = ("run_off_road", "head_on", "queue", "vulnerable")
SCHOOL = thing((50.0, 50.0), amenity="school")  # touch ½ at a reach of 100 m
ROAD = [street((0.0, 0.0), (100.0, 0.0))]


def aadt(road_class: str, where: str = "rural") -> float:
    return float(P["roads"]["classes"][road_class]["aadt"][where])


def family_harm(road_class: str = "tertiary", km: float = 0.1) -> dict[str, float]:
    """Harm of each family in a year on a rural road that is the whole network."""
    crashes = aadt(road_class) * 365 * km * P["rate"]["per_mvkm"] / 1e6
    return {
        name: crashes * P["families"][name]["share"]["rural"] * P["families"][name]["unit"]["rural"]
        for name in LINKS
    }


def harm(*layers: Layer, **tags: str) -> float:
    """Harm of one road of 100 m with a school 50 m away, in a year."""
    town = extract([street((0.0, 0.0), (100.0, 0.0), **tags)], [SCHOOL])
    return float(area(town, *layers).scores()["harm"].iloc[0])


# --- the formula -------------------------------------------------------------------------------


def test_a_road_without_layers_has_the_national_rate_by_families() -> None:
    found = area(extract(ROAD)).scores().iloc[0]
    expected = sum(family_harm().values())
    assert found["harm"] == pytest.approx(expected)
    assert found["harm_per_km"] == pytest.approx(expected / 0.1)
    mvkm = aadt("tertiary") * 365 * 0.1 / 1e6
    assert found["harm_per_mvkm"] == pytest.approx(expected / mvkm)
    assert found["share_of_harm"] == 1


def test_two_roads_divide_the_crashes_by_class_and_flow_to_the_power_of_beta() -> None:
    ways = [
        street((0.0, 0.0), (90.0, 0.0), highway="trunk"),
        street((0.0, 500.0), (60.0, 500.0), highway="residential"),
    ]
    found = area(extract(ways)).scores()["harm"]
    classes = P["roads"]["classes"]
    crashes = (aadt("trunk") * 0.09 + aadt("residential") * 0.06) * 365 * 0.21 / 1e6
    expected = [0.0, 0.0]
    for name in LINKS:
        rule = P["families"][name]
        raw = [
            classes[road_class]["factor"] * aadt(road_class) ** rule["beta"] * km
            for road_class, km in (("trunk", 0.09), ("residential", 0.06))
        ]
        for row in (0, 1):
            rate = crashes * rule["share"]["rural"] * raw[row] / sum(raw)
            expected[row] += rate * rule["unit"]["rural"]
    assert found.tolist() == pytest.approx(expected)


def test_town_and_country_meet_their_own_rates() -> None:
    town = extract(ROAD, [block(-50, -50, 200, 100, landuse="residential")])
    found = area(town).scores().iloc[0]
    crashes = aadt("tertiary", "urban") * 365 * 0.1 * 0.21 * P["rate"]["urban"] / 1e6
    own = [P["families"][name] for name in LINKS]
    worth = sum(rule["share"]["urban"] * rule["unit"]["urban"] for rule in own)
    assert found["harm"] == pytest.approx(crashes * worth)


@pytest.mark.parametrize(
    ("maxspeed", "factor"),
    [("60", 1), ("90", 1.5), ("120", 2), ("200", 2), ("40", 2 / 3), ("5", 0.5)],
)
def test_a_road_faster_than_its_class_is_worse_within_limits(maxspeed: str, factor: float) -> None:
    assert harm(maxspeed=maxspeed) == pytest.approx(factor * sum(family_harm().values()))


@pytest.mark.parametrize("on", ["likelihood", "severity"])
def test_a_layer_multiplies_its_family_by_its_factor_to_the_power_of_touch(on: str) -> None:
    own = family_harm()
    expected = sum(own.values()) + own["vulnerable"] * (3**0.5 - 1)
    assert harm(layer("school", effect("vulnerable", 3, on=on))) == pytest.approx(expected)


def test_layers_multiply_inside_a_family_and_add_across_families() -> None:
    own = family_harm()
    first = layer("a", effect("vulnerable", 3), effect("queue", 1.5))
    second = layer("b", effect("vulnerable", 2), full_m=90)
    expected = (
        own["run_off_road"] + own["head_on"]
        + own["queue"] * 1.5**0.5 + own["vulnerable"] * 3**0.5 * 2
    )  # fmt: skip
    assert harm(first, second) == pytest.approx(expected)


def test_more_traffic_counts_by_beta_in_every_family() -> None:
    own = family_harm()
    expected = sum(h * 1.6 ** (0.5 * P["families"][name]["beta"]) for name, h in own.items())
    assert harm(layer("school", effect("all", 1.6, on="flow"))) == pytest.approx(expected)


def test_a_change_of_speed_counts_by_its_power() -> None:
    power = P["speed"]["change"]["rural"]
    expected = sum(family_harm().values()) * 0.8 ** (0.5 * power)
    assert harm(layer("school", effect("all", 0.8, on="speed"))) == pytest.approx(expected)


def test_the_layers_together_never_multiply_a_family_by_more_than_the_cap() -> None:
    own = family_harm()
    layers = [layer(name, effect("vulnerable", 9), full_m=90) for name in "abc"]
    expected = sum(own.values()) + own["vulnerable"] * (P["score"]["cap"] - 1)
    assert harm(*layers) == pytest.approx(expected)


def test_of_one_group_only_the_strongest_counts() -> None:
    strong = layer("b", effect("vulnerable", 3), group="roadside")
    weak = layer("a", effect("vulnerable", 2), group="roadside")
    other = layer("c", effect("vulnerable", 2), group="other")
    assert harm(weak, strong) == pytest.approx(harm(strong))
    assert harm(weak, strong, other) == pytest.approx(harm(strong, other))
    assert harm(strong, other) > harm(strong)


def test_in_a_group_touch_decides_and_not_the_factor_alone() -> None:
    far = layer("b", effect("vulnerable", 3), group="roadside", reach_m=51)
    near = layer("a", effect("vulnerable", 2), group="roadside", full_m=60)
    assert harm(far, near) == pytest.approx(harm(near))


# --- unknown -----------------------------------------------------------------------------------


def test_what_is_unknown_takes_the_expected_factor() -> None:
    own = family_harm()
    when = {"fence": ("no",)}
    found = harm(layer("school", effect("vulnerable", 3, when=when, unknown=0.4)))
    expected = sum(own.values()) + own["vulnerable"] * 0.4 * (3**0.5 - 1)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("prevalence", [0.0, 0.4, 1.0])
def test_prevalence_lies_between_never_and_always(prevalence: float) -> None:
    when = {"fence": ("no",)}
    found = harm(layer("school", effect("vulnerable", 3, when=when, unknown=prevalence)))
    never, always = harm(), harm(layer("school", effect("vulnerable", 3)))
    assert found == pytest.approx(never + prevalence * (always - never))


def test_a_mapped_guard_rail_relieves_and_an_unmapped_one_as_far_as_expected() -> None:
    own = family_harm()
    water = thing(shapely.LineString([(-50, 2), (150, 2)]), waterway="river")
    rail = thing(shapely.LineString([(-50, 1), (150, 1)]), barrier="guard_rail")
    rule = layer(
        "water", effect("run_off_road", 1.8), osm={"waterway": ("river",)}, relation="along",
        full_m=5, reach_m=20, relieved=relief(factor=0.35, unknown=0.3),
    )  # fmt: skip
    rest = sum(own.values()) - own["run_off_road"]
    for things, factor in (
        ([water, rail], 1.8 * 0.35),
        ([water], 1.8 * (0.3 * 0.35 + 0.7)),
    ):
        found = area(extract(ROAD, things), rule).scores()["harm"].iloc[0]
        assert found == pytest.approx(rest + own["run_off_road"] * factor)


# --- junctions and crossings -------------------------------------------------------------------

STAR = [
    street((0.0, 0.0), (100.0, 0.0), highway="primary"),
    street((0.0, 0.0), (-100.0, 0.0), highway="primary"),
    street((0.0, 0.0), (0.0, 30.0), highway="residential"),
]
VKM = (2 * aadt("primary") * 0.1 + aadt("residential") * 0.03) * 365


def test_a_junction_adds_its_harm_to_the_first_metres_of_its_approaches_alike() -> None:
    reasons = area(extract(STAR)).reason_table()
    scores = area(extract(STAR)).scores()
    rule = P["families"]["junction"]
    total = VKM * 0.21 / 1e6 * rule["share"]["rural"] * rule["unit"]["rural"]
    found = scores["harm"] * reasons["base_junction"]
    assert found.tolist() == pytest.approx([total / 3.0] * 3)


def test_a_short_stub_gets_no_more_per_metre_than_the_road_it_leads_to() -> None:
    # the main road is mapped as a stub of 15 m and the rest, joined by a bend
    ways = [
        street((0.0, 0.0), (15.0, 0.0), highway="primary"),
        street((100.0, 0.0), (15.0, 0.0), highway="primary"),
        *STAR[1:],
    ]
    found = area(extract(ways))
    harm_there = found.scores()["harm"] * found.reason_table()["base_junction"]
    stub, rest, other, _ = harm_there.tolist()
    assert stub + rest == pytest.approx(other)
    assert stub / 15 == pytest.approx(rest / (P["junctions"]["spread_m"] - 15))


def test_junctions_divide_their_crashes_by_the_model_of_the_flows_that_meet() -> None:
    four = [
        street((1000.0, 0.0), (1100.0, 0.0)),
        street((1000.0, 0.0), (900.0, 0.0)),
        street((1000.0, 0.0), (1000.0, 100.0), highway="service"),
        street((1000.0, 0.0), (1000.0, -100.0), highway="unclassified"),
    ]
    signals = thing((1005.0, 5.0), highway="traffic_signals")
    found = area(extract([*STAR, *four], [signals]))
    (harm_there,) = [family.base for family in found.model.families if family.kind == "junction"]
    model = P["junction_model"]
    rates = []
    for legs, major, minor, more in (
        ("three", aadt("primary"), aadt("residential"), 0.0),
        ("four", aadt("tertiary"), (aadt("service") + aadt("unclassified")) / 2, model["signals"]),
    ):
        log = math.log(major) * model[legs]["major"] + math.log(minor) * model[legs]["minor"]
        rates.append(math.exp(model[legs]["constant"] + log + more))
    vkm = VKM + (2 * aadt("tertiary") + aadt("service") + aadt("unclassified")) * 0.1 * 365
    rule = P["families"]["junction"]
    total = vkm * 0.21 / 1e6 * rule["share"]["rural"] * rule["unit"]["rural"]
    assert harm_there.tolist() == pytest.approx([total * rate / sum(rates) for rate in rates])


def test_the_harm_of_a_junction_is_spread_once() -> None:
    found = area(extract(STAR))
    spread = found.model.spread["junction"]
    assert spread is not None
    assert spread.sum(axis=0) == pytest.approx([1])


CROSSING = layer(
    "crossing", effect("rail", 3), osm={"railway": ("level_crossing",)}, relation="crosses",
    beside_m=4,
)  # fmt: skip


def crossing_harm(tracks: int = 1) -> float:
    rule = P["families"]["rail"]
    rate = rule["per_year_1000"] * (aadt("tertiary") / 1000) ** rule["beta"] / tracks
    return float(rate * rule["unit"]["rural"])


def test_a_crossing_adds_its_own_harm_by_the_flow_over_it() -> None:
    ways = [street((0.0, 0.0), (50.0, 0.0), (100.0, 0.0))]
    crossing = thing((50.0, 0.0), railway="level_crossing")
    found = area(extract(ways, [crossing]), CROSSING).scores().iloc[0]
    assert found["harm"] == pytest.approx(sum(family_harm().values()) + 3 * crossing_harm())


def test_the_tracks_of_one_crossing_share_its_crashes() -> None:
    ways = [street((0.0, 0.0), (50.0, 0.0), (55.0, 0.0), (100.0, 0.0))]
    crossing = [thing((x, 0.0), railway="level_crossing") for x in (50.0, 55.0)]
    found = area(extract(ways, crossing), CROSSING).scores().iloc[0]
    assert found["harm"] == pytest.approx(sum(family_harm().values()) + 3 * crossing_harm())


def test_the_harm_of_a_crossing_lies_up_to_20_m_on_both_sides() -> None:
    ways = [street((0.0, 0.0), (90.0, 0.0), (300.0, 0.0))]
    crossing = thing((90.0, 0.0), railway="level_crossing")
    found = area(extract(ways, [crossing]), CROSSING)
    rail = found.scores()["harm"] * found.reason_table()[["base_rail", "crossing"]].sum(axis=1)
    # pieces of 100 m: from 70 to 100 on the first, from 100 to 110 on the second
    assert rail.tolist() == pytest.approx([2.25 * crossing_harm(), 0.75 * crossing_harm(), 0])


# --- hours -------------------------------------------------------------------------------------

WINDOW = (Active(("school",), ((7 + 1 / 6, 8 + 1 / 6),)),)


def test_an_hour_has_its_share_of_the_traffic_and_the_layers_that_act() -> None:
    found = area(extract(ROAD, [SCHOOL]), layer("school", effect("vulnerable", 3), active=WINDOW))
    own = family_harm()
    for moment, acting in (
        (Moment("school", 7), 5 / 6),
        (Moment("school", 8), 1 / 6),
        (Moment("school", 12), 0),
        (Moment("workday", 7), 0),
    ):
        share = traffic(found, moment)
        expected = sum(own.values()) + own["vulnerable"] * acting * (3**0.5 - 1)
        row = found.scores(moment).iloc[0]
        assert row["harm"] == pytest.approx(share * expected)
        assert row["harm_per_km"] == pytest.approx(share * expected * 8760 / 0.1)
        mvkm = aadt("tertiary") * 365 * 0.1 * share / 1e6
        assert row["harm_per_mvkm"] == pytest.approx(row["harm"] / mvkm)


def test_a_window_adds_risk_in_its_hours_and_takes_none_elsewhere() -> None:
    with_ = area(extract(ROAD, [SCHOOL]), layer(active=WINDOW))
    without = area(extract(ROAD, [SCHOOL]))
    night = Moment("school", 2)
    assert with_.scores(night)["harm"].tolist() == without.scores(night)["harm"].tolist()
    assert with_.scores()["harm"].iloc[0] > without.scores()["harm"].iloc[0]


def test_the_peak_is_the_hour_with_most_harm() -> None:
    found = area(extract(STAR, [SCHOOL]), layer("school", effect(factor=9), active=WINDOW))
    for name, peak in found.scores()["peak"].items():
        clock = found.clock(str(name))
        day = clock.max().idxmax()
        assert peak == f"{day} {clock[day].idxmax():02d}"


ANY: tuple[Any, Any] = (DAYS, ((0.0, 24.0),))
DARK = (Active(*ANY, light=("dark",)),)
ICE = (Active(*ANY, weather=("ice",)),)
QINGMING = (Active(*ANY, holiday=("qingming",)),)


def traffic(found: Area, when: Moment) -> float:
    """Share of the year's traffic in an hour, on the first segment."""
    hours = found.model.time.hours(when)
    share = found.model.time.profiles.share(hours) @ hours.weight
    return float(share[found.model.profile[0]])


def acting_share(found: Area, moment: Moment | None) -> float:
    """How far a factor of 3 on vulnerable at touch ½ acts: 0 not at all, 1 the whole hour."""
    own = family_harm()
    pace = 1.0 if moment is None else traffic(found, moment)
    extra = found.model.harm(moment).sum() / pace - sum(own.values())
    return float(extra / own["vulnerable"] / (3**0.5 - 1))


def of_vulnerable(active: tuple[Active, ...]) -> Area:
    return area(extract(ROAD, [SCHOOL]), layer("school", effect("vulnerable", 3), active=active))


def test_a_dark_layer_is_silent_at_noon_and_speaks_at_night() -> None:
    found = of_vulnerable(DARK)
    for text, share in (("2026-07-01T12:00", 0), ("2026-12-01T20:00", 1), ("2026-12-01T06:00", 0)):
        assert acting_share(found, found.moment(text)) == pytest.approx(share, abs=1e-9)


def test_a_qingming_layer_speaks_on_its_days_only() -> None:
    found = of_vulnerable(QINGMING)
    for day, share in (("04-03", 0), ("04-04", 1), ("04-05", 1), ("04-06", 1), ("05-20", 0)):
        moment = found.moment(f"2026-{day}T10:00")
        assert acting_share(found, moment) == pytest.approx(share, abs=1e-9)


def test_what_ices_counts_in_ice_when_the_weather_is_stated_and_by_its_share_when_not() -> None:
    found = of_vulnerable(ICE)
    for weather, share in (("ice", 1.0), ("dry", 0.0), (None, 0.06)):
        moment = found.moment("2026-01-20T08:00", weather)
        assert acting_share(found, moment) == pytest.approx(share, abs=1e-9)
        moment = Moment("school", 8, weather=weather)
        assert (acting_share(found, moment) == pytest.approx(share, abs=1e-9)) is bool(weather)
    # 0.5 % of spring and autumn, 6 % of winter
    assert acting_share(found, None) == pytest.approx(0.0175, rel=0.2)


def test_a_layer_that_acts_all_year_may_still_be_silent_in_a_stated_weather() -> None:
    seasons = {name: {"flood": 0.0} for name in ("spring", "summer", "autumn", "winter")}
    dry = (Active(*ANY, weather=("dry", "rain", "fog", "ice")),)
    own = layer("school", effect("vulnerable", 3), active=dry)
    found = area(extract(ROAD, [SCHOOL]), own, parameters=rules(weather={"share": seasons}))
    for weather, share in ((None, 1), ("rain", 1), ("flood", 0)):
        moment = Moment("school", 8, weather=weather)
        assert acting_share(found, moment) == pytest.approx(share, abs=1e-9)


def test_a_part_of_an_hour_in_the_dark_is_that_part_of_what_the_factor_adds() -> None:
    found = of_vulnerable(DARK)
    evening = next(
        moment for moment in (found.moment(f"2026-12-01T{hour}:00") for hour in range(15, 22))
        if found.model.time.hours(moment).light[0, LIGHTS.index("dark")]
    )  # fmt: skip
    share = found.model.time.hours(evening).light[0, LIGHTS.index("dark")]
    assert 0.05 < share < 0.95
    assert acting_share(found, evening) == pytest.approx(share)


def test_the_hours_add_up_to_the_year_whatever_the_layers_wait_for() -> None:
    pubs = [thing((float(x), 900.0), amenity="school") for x in range(0, 4000, 400)]
    found = area(
        extract(town(), pubs),
        layer("dark", effect("vulnerable", 9), effect("junction", 4), reach_m=900, active=DARK),
        layer("ice", effect("all", 2, on="speed"), reach_m=700, active=(*ICE, *DARK)),
        layer("qingming", effect("queue", 3), reach_m=800, active=QINGMING),
        layer("always", effect("vulnerable", 4), reach_m=800),
        parameters=rules(score={"temper": 0.6}),
    )
    kinds = [Moment(kind, hour) for kind in KINDS for hour in range(24)]
    count = found.model.time.counts
    harm = sum(n * found.model.harm(kind) for n, kind in zip(count, kinds, strict=True))
    assert harm.to_numpy() == pytest.approx(found.model.harm().to_numpy(), rel=1e-12)
    reasons = sum(
        found.model.reason_harm(kind) * n for n, kind in zip(count, kinds, strict=True)
    )
    whole = found.model.reason_harm()
    assert reasons.to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-9, abs=1e-15)


def test_a_moment_of_a_date_has_the_traffic_of_its_kind_of_day() -> None:
    found = area(extract(ROAD))
    for text, kind in (("2026-10-10T07:00", "school"), ("2026-11-01T07:00", "weekend")):
        row = found.scores(found.moment(text))
        expected = found.scores(Moment(kind, 7))["harm"]
        assert row["harm"].tolist() == pytest.approx(expected.tolist())


# --- temper and levels -------------------------------------------------------------------------


def town(seed: int = 3, size: int = 60) -> list[Any]:
    """Streets of all classes and lengths between corners at random."""
    random = np.random.default_rng(seed)
    at = [(float(x), float(y)) for x, y in random.uniform(0, 4000, (size, 2))]
    classes = ["trunk", "primary", "secondary", "tertiary", "residential", "service"]
    return [
        street(at[n], at[int(random.integers(0, n))], highway=classes[n % 6])
        for n in range(1, size)
    ]


def test_tempering_keeps_the_order_and_the_total_of_every_kind_of_place() -> None:
    models = [area(extract(town()), parameters=rules(score={"temper": t})).model for t in (1, 0.6)]
    plain, tempered = (densities(m.scored, m.km) for m in models)
    for kind, size in (("link", models[0].km), ("junction", np.ones(len(plain["junction"])))):
        assert tempered[kind] @ size == pytest.approx(plain[kind] @ size)
        order = plain[kind].argsort(kind="stable")
        assert (np.diff(tempered[kind][order]) >= -1e-12).all()
        spread = [np.log(table[kind]).std() for table in (plain, tempered)]
        assert spread[1] == pytest.approx(0.6 * spread[0])


def test_a_tempered_rate_is_crashes_per_km_relative_to_the_mean_to_the_power_of_temper() -> None:
    ways = [
        street((0.0, 0.0), (90.0, 0.0), highway="trunk"),
        street((0.0, 500.0), (60.0, 500.0), highway="residential"),
    ]
    plain = (area(extract(ways)).model.crashes() / [0.09, 0.06]).tolist()
    found = area(extract(ways), parameters=rules(score={"temper": 0.6}))
    mean = (plain[0] * 0.09 + plain[1] * 0.06) / 0.15
    raw = [mean * (value / mean) ** 0.6 for value in plain]
    scale = mean * 0.15 / (raw[0] * 0.09 + raw[1] * 0.06)
    tempered = found.model.crashes() / [0.09, 0.06]
    assert tempered.tolist() == pytest.approx([value * scale for value in raw])
    # a crash of a road costs what it did
    per_crash = [a.scores()["harm"] / a.model.crashes() for a in (area(extract(ways)), found)]
    assert per_crash[0].tolist() == pytest.approx(per_crash[1].tolist())


def test_levels_cover_the_worst_shares_of_road_length() -> None:
    found = area(extract(town()))
    scores, metres = found.scores(), found.segments["length_m"]
    covered = 0.0
    for level, share in (("red", 0.01), ("orange", 0.05), ("yellow", 0.2)):
        covered += metres[scores["level"] == level].sum() / metres.sum()
        equal = np.isclose(scores["harm_per_km"], found.thresholds[level], rtol=1e-5)
        assert covered <= share < covered + metres[equal].sum() / metres.sum()
    worst = scores.groupby("level")["harm_per_km"].agg(["min", "max"])
    for better, worse in (("blue", "yellow"), ("yellow", "orange"), ("orange", "red")):
        assert worst.loc[better, "max"] <= worst.loc[worse, "min"]


def test_an_hour_is_coloured_against_the_levels_of_the_year() -> None:
    found = area(extract(town()))
    night, rush = (found.scores(Moment("school", hour))["level"] for hour in (2, 17))
    year = found.scores()["level"]
    bright = [(level != "blue").sum() for level in (night, year, rush)]
    assert bright == sorted(set(bright))


def test_a_stored_baseline_is_kept() -> None:
    baseline = {"red": 3e9, "orange": 2e9, "yellow": 1e-9}
    found = area(extract(town()), baseline=baseline)
    assert found.thresholds == baseline
    assert set(found.scores()["level"]) == {"yellow"}


# --- reasons -----------------------------------------------------------------------------------


def test_reasons_divide_the_harm_of_a_family_by_the_logs_of_its_layers() -> None:
    own = family_harm()
    found = area(
        extract(ROAD, [SCHOOL]),
        layer("a", effect("vulnerable", 3), full_m=90), layer("b", effect("vulnerable", 2)),
    )  # fmt: skip
    logs = {"a": math.log(3), "b": 0.5 * math.log(2)}
    extra = own["vulnerable"] * (math.exp(sum(logs.values())) - 1)
    total = sum(own.values()) + extra
    shares = found.reason_table().iloc[0]
    assert shares["base"] == pytest.approx(sum(own.values()) / total)
    for name, log in logs.items():
        assert shares[name] == pytest.approx(extra * log / sum(logs.values()) / total)


MOMENTS = (
    Moment("school", 7), Moment("weekend", 3), Moment("school", 18, weather="ice"),
    Moment("holiday", 18, when=datetime(2026, 10, 1, 18)),  # noqa: DTZ001  # local
    Period(datetime(2026, 4, 30, 19), datetime(2026, 5, 6, 7)),  # noqa: DTZ001  # local
)  # fmt: skip


@pytest.mark.parametrize("moment", [None, *MOMENTS])
def test_reasons_add_up_to_the_score(moment: When) -> None:
    pubs = [thing((float(x), 900.0), amenity="school") for x in range(0, 4000, 400)]
    layers = [
        layer("a", effect("vulnerable", 9), effect("junction", 4), reach_m=900, active=WINDOW),
        layer("b", effect("all", 0.7, on="speed"), reach_m=700),
        layer("c", effect("vulnerable", 8), reach_m=800),
        layer("d", effect("vulnerable", 3), reach_m=700, active=DARK),
        layer("e", effect("queue", 2), reach_m=700, active=ICE),
    ]
    found = area(extract(town(), pubs), *layers, parameters=rules(score={"temper": 0.6}))
    table = found.reason_table(moment)
    assert table.sum(axis=1).to_numpy() == pytest.approx(np.ones(len(table)), abs=1e-12)
    assert list(table.columns) == ["base", "base_junction", "base_rail", *"abcde", "cap"]
    assert (table["cap"] <= 0).all()
    assert (table["b"] <= 0).all()


def test_the_cap_takes_back_what_it_cuts() -> None:
    own = family_harm()
    rule = layer("a", effect("vulnerable", 25), full_m=90)
    found = area(extract(ROAD, [SCHOOL]), rule, parameters=rules(score={"cap": 10.0}))
    total = sum(own.values()) + 9 * own["vulnerable"]
    shares = found.reason_table().iloc[0]
    assert shares["cap"] == pytest.approx(-15 * own["vulnerable"] / total)
    assert shares["a"] == pytest.approx(24 * own["vulnerable"] / total)


def test_layers_that_cancel_out_still_show() -> None:
    found = area(
        extract(ROAD, [SCHOOL]), layer("a", effect("queue", 2)), layer("b", effect("queue", 0.5))
    )
    shares = found.reason_table().iloc[0]
    assert shares["a"] == pytest.approx(-shares["b"])
    assert shares["a"] > 0.01


# --- the interval ------------------------------------------------------------------------------


def width(*layers: Layer, things: Any = (SCHOOL,)) -> float:
    found = area(extract(ROAD, list(things)), *layers).scores().iloc[0]
    return float(np.log(found["high"] / found["low"]))


def test_the_interval_lies_around_the_score() -> None:
    things = [thing((float(x), 900.0), amenity="school") for x in range(0, 4000, 400)]
    scores = area(extract(town(), things), layer(reach_m=900)).scores()
    assert (scores["low"] < scores["high"]).all()
    inside = (scores["low"] <= scores["harm_per_km"]) & (scores["harm_per_km"] <= scores["high"])
    assert inside.mean() > 0.95


def test_a_judgement_makes_a_wider_interval_than_a_manual() -> None:
    widths = [width(layer("school", effect("vulnerable", 3, grade=g), full_m=60)) for g in "ABCD"]
    assert widths == sorted(widths)
    assert widths[3] > widths[0] * 1.2


def test_what_is_unknown_makes_the_interval_wider() -> None:
    when = {"fence": ("no",)}
    known = layer("school", effect("vulnerable", 6, grade="A"), full_m=60)
    unknown = layer(
        "school", effect("vulnerable", 6, grade="A", when=when, unknown=0.5), full_m=60
    )
    assert width(unknown) > 1.5 * width(known)


def test_a_guard_rail_that_may_be_there_makes_the_interval_wider() -> None:
    water = thing(shapely.LineString([(-50, 2), (150, 2)]), waterway="river")

    def of(prevalence: float) -> float:
        rule = layer(
            "water", effect("run_off_road", 5, grade="A"), osm={"waterway": ("river",)},
            relation="along", full_m=5, reach_m=20,
            relieved=relief(factor=0.2, unknown=prevalence),
        )  # fmt: skip
        return width(rule, things=(water,))

    assert of(0.5) > 1.3 * max(of(0.0), of(1.0))


def test_a_draw_settles_what_the_map_does_not_say() -> None:
    rule = layer(
        "water", effect("run_off_road", 3, when={"fence": ("no",)}, unknown=0.4),
        osm={"waterway": ("river",)}, full_m=5, reach_m=20,
        relieved=relief(factor=0.35, unknown=0.3),
    )  # fmt: skip
    town = extract(ROAD, [thing(shapely.LineString([(0, 12.5), (9, 12.5)]), waterway="river")])
    found = area(town, rule).model
    (term,) = (term for family in found.families for term in family.terms)
    held, relieved = np.array([False, False, True, True]), np.array([False, True, False, True])
    rows, change = term.drawn(slice(0, 1), held, relieved)
    assert rows.tolist() == [0]
    # touch is ½: nothing, nothing, the factor, the factor with the rail
    settled = np.exp(change[0] + term.log[0])
    assert settled == pytest.approx([1, 1, 3**0.5, (3 * 0.35) ** 0.5])
    chance = np.array([0.6 * 0.7, 0.6 * 0.3, 0.4 * 0.7, 0.4 * 0.3])
    assert math.exp(term.log[0]) == pytest.approx((chance * settled).sum())


def test_a_draw_leaves_what_is_known() -> None:
    town = extract(ROAD, [thing((50.0, 50.0), amenity="school", fence="no")])
    rule = layer("school", effect("vulnerable", 3, when={"fence": ("no",)}, unknown=0.4))
    found = area(town, rule).model
    (term,) = (term for family in found.families for term in family.terms)
    rows, change = term.drawn(slice(0, 1), np.array([True]), np.array([True]))
    assert rows.size == change.size == 0


def test_one_fact_is_drawn_once_for_all_its_effects() -> None:
    when = {"fence": ("no",)}
    effects = [effect(name, 3, when=when, unknown=0.4) for name in ("vulnerable", "queue")]
    found = area(extract(ROAD, [SCHOOL]), layer("school", *effects)).model
    one, other = (Noise.of(t, 7, 200) for family in found.families for t in family.terms)
    assert (one.held == other.held).all()
    assert (one.factor != other.factor).any()
    assert 0.25 < one.held.mean() < 0.55


def test_a_crossing_is_not_guarded_and_unguarded_in_one_draw() -> None:
    guarded = effect("vulnerable", 0.5, when={"fence": ("yes",)}, unknown=0.6)
    open_ = effect("vulnerable", 2, when={"fence": ("no",)}, unknown=0.4)
    found = area(extract(ROAD, [SCHOOL]), layer("school", guarded, open_)).model
    (terms,) = (family.terms for family in found.families if family.terms)
    one, other = noises(terms, 7, 200)
    assert (one.held ^ other.held).all()


def test_another_layer_elsewhere_changes_no_interval() -> None:
    ways = [*ROAD, street((0.0, 900.0), (100.0, 900.0))]
    things = [SCHOOL, thing((50.0, 901.0), amenity="pub")]
    own, other = layer("school"), layer("bars", osm={"amenity": ("pub",)})
    alone = area(extract(ways, things), own).scores().iloc[0]
    both = area(extract(ways, things), other, own).scores().iloc[0]
    assert both[["low", "high"]].tolist() == alone[["low", "high"]].tolist()


def test_tempering_narrows_the_interval_of_what_is_frequent_not_of_what_is_bad() -> None:
    def width(effect_: Effect, temper: float) -> float:
        # the families' own bases are known, so that the layer's factor alone is drawn
        known = {name: {"log_sd": 0.0} for name in P["families"]}
        own = rules(score={"temper": temper}, families=known)
        found = area(extract(ROAD, [SCHOOL]), layer("school", effect_), parameters=own).scores()
        return float(np.log(found["high"] / found["low"]).iloc[0])

    for on, power in (("likelihood", 0.6), ("severity", 1.0)):
        plain, tempered = (width(effect("all", 1.0, on=on), t) for t in (1.0, 0.6))
        assert tempered == pytest.approx(power * plain, rel=0.02)


def test_a_weight_is_a_power_on_the_factors_and_nought_takes_a_layer_out() -> None:
    near = thing((50.0, 0.5), amenity="school")
    found = area(extract(ROAD, [near]), layer("school", effect(factor=2.0), full_m=5.0))
    plain, (family,) = sum(family_harm().values()), [
        family for family in found.model.families if family.name == "vulnerable"
    ]  # fmt: skip
    own = float(family.base.sum())
    for weight in (0.0, 1.0, 2.0):
        changed = found.model.weighted({"school": weight}).harm().sum()
        assert changed == pytest.approx(plain + own * (2.0**weight - 1))
    assert found.scores(weights={"school": 1.0}).equals(found.scores())


def test_of_a_group_another_layer_wins_where_the_winner_is_taken_out() -> None:
    near = thing((50.0, 0.5), amenity="school")
    strong = layer("strong", effect(factor=3.0), full_m=5.0, group="g")
    weak = layer("weak", effect(factor=2.0), full_m=5.0, group="g")
    found = area(extract(ROAD, [near]), strong, weak)
    alone = area(extract(ROAD, [near]), weak).model.harm()
    assert found.model.weighted({"strong": 0.0}).harm().tolist() == pytest.approx(alone.tolist())


def test_a_weight_of_an_unknown_layer_or_below_nought_is_refused() -> None:
    found = area(extract(ROAD, [SCHOOL]), layer("school", effect()))
    with pytest.raises(RiskmapError, match="'dry': no such layer"):
        found.scores(weights={"dry": 1.0})
    with pytest.raises(RiskmapError, match="0 or more"):
        found.scores(weights={"school": -1.0})
