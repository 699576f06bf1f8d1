"""The full tags of thousands of objects as columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_ESCAPE = re.compile(r"%([0-9a-fA-F]+)%")


@dataclass(frozen=True)
class Tags:
    """
    The full tags of a table of objects, as one long table sorted by object.

    `row` says whose tag it is; `key` and `value` are codes into `keys` and `values`. A column of
    one key is a comparison of numbers, so thousands of objects with hundreds of keys stay small.
    """

    size: int
    row: NDArray[np.int64]
    key: NDArray[np.int32]
    value: NDArray[np.int32]
    keys: tuple[str, ...]
    values: NDArray[np.object_]

    def column(self, key: str) -> NDArray[np.object_]:
        """Values of one key, one per object; None where the object does not carry it."""
        column = np.full(self.size, None, dtype=object)
        if key in self.keys:
            chosen = self.key == self.keys.index(key)
            column[self.row[chosen]] = self.values[self.value[chosen]]
        return column

    def holds(self, osm: Mapping[str, Iterable[str] | None]) -> NDArray[np.bool_]:
        """Whether each object carries, for every key, one of its values ("*" or None: any)."""
        result = np.ones(self.size, dtype=bool)
        for key, allowed in osm.items():
            held = np.zeros(self.size, dtype=bool)
            if key in self.keys:
                chosen = self.key == self.keys.index(key)
                values = None if allowed is None else set(allowed)
                if values is not None and "*" not in values:
                    known = np.fromiter((v in values for v in self.values), bool, len(self.values))
                    chosen &= known[self.value]
                held[self.row[chosen]] = True
            result &= held
        return result

    def has(self, key: str) -> NDArray[np.bool_]:
        """Whether each object carries the key at all."""
        return self.holds({key: None})

    def of(self, row: int) -> dict[str, str]:
        """All tags of one object."""
        first, last = np.searchsorted(self.row, [row, row + 1])
        pairs = zip(self.key[first:last], self.value[first:last], strict=True)
        return {self.keys[k]: str(self.values[v]) for k, v in pairs}

    def take(self, rows: NDArray[np.int64]) -> Tags:
        """Tags of some of the objects, renumbered in the order given."""
        starts, ends = np.searchsorted(self.row, rows), np.searchsorted(self.row, rows, "right")
        counts = ends - starts
        source = ranges(starts, counts)
        return replace(
            self,
            size=len(rows),
            row=np.repeat(np.arange(len(rows)), counts),
            key=self.key[source],
            value=self.value[source],
        )


    def replaced(
        self, key: str, rows: NDArray[np.int64], values: Sequence[str]
    ) -> Tags:
        """Tags with other values of one key for some of the objects."""
        own = tags_of([{key: value} for value in values])
        own = replace(own, size=self.size, row=rows[own.row])
        if key in self.keys:
            other = ~((self.key == self.keys.index(key)) & np.isin(self.row, rows))
        else:
            other = np.ones(len(self.row), dtype=bool)
        kept = replace(self, row=self.row[other], key=self.key[other], value=self.value[other])
        both = stacked([replace(kept, size=0), replace(own, size=0)])
        order = np.argsort(both.row, kind="stable")
        return replace(
            both, size=self.size, row=both.row[order], key=both.key[order], value=both.value[order]
        )


def parse_tags(column: pa.ChunkedArray) -> Tags:
    """Tags of OPL lines ("Tkey=value,…"): a long table with keys and values as codes."""
    lists = whole(pc.split_pattern(pc.utf8_slice_codeunits(column, 1), ","))
    row = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    pairs = lists.flatten()
    filled = pc.greater(pc.utf8_length(pairs), 0)
    row, pairs = row[filled.to_numpy(zero_copy_only=False)], pairs.filter(filled)
    halves = pc.split_pattern(pairs, "=", max_splits=1).flatten().to_numpy(zero_copy_only=False)
    return _coded(len(column), row, halves[0::2], halves[1::2], plain=_unescaped)


def tags_of(tags: Sequence[Mapping[str, str]]) -> Tags:
    """Tags given as one mapping per object."""
    row = np.repeat(np.arange(len(tags)), [len(own) for own in tags])
    items = [item for own in tags for item in own.items()]
    keys = np.array([key for key, _ in items], dtype=object)
    values = np.array([value for _, value in items], dtype=object)
    return _coded(len(tags), row, keys, values, plain=str)


def _coded(
    size: int,
    row: NDArray[np.int64],
    keys: NDArray[np.object_],
    values: NDArray[np.object_],
    *,
    plain: Callable[[str], str],
) -> Tags:
    key_codes = pa.array(keys, pa.string()).dictionary_encode()
    value_codes = pa.array(values, pa.string()).dictionary_encode()
    return Tags(
        size=size,
        row=row,
        key=key_codes.indices.to_numpy().astype(np.int32),
        value=value_codes.indices.to_numpy().astype(np.int32),
        keys=tuple(plain(key) for key in key_codes.dictionary.to_pylist()),
        values=np.array(
            [plain(value) for value in value_codes.dictionary.to_pylist()], dtype=object
        ),
    )


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "%" in text else text


def stacked(parts: Sequence[Tags]) -> Tags:
    """Tags of several tables one below the other."""
    keys = list(dict.fromkeys(key for part in parts for key in part.keys))
    code = {key: number for number, key in enumerate(keys)}
    row, key, value, values, below, known = [], [], [], [], 0, 0
    for part in parts:
        recoded = np.array([code[name] for name in part.keys] or [0], dtype=np.int32)
        row.append(part.row + below)
        key.append(recoded[part.key])
        value.append(part.value + known)
        values.append(part.values)
        below, known = below + part.size, known + len(part.values)
    return Tags(
        size=below,
        row=np.concatenate(row),
        key=np.concatenate(key),
        value=np.concatenate(value).astype(np.int32),
        keys=tuple(keys),
        values=np.concatenate(values),
    )


def whole(column: pa.ChunkedArray) -> pa.StringArray:
    """Put the chunks of a column together."""
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else combined.chunk(0)


def ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate `arange(start, start + count)` of every pair."""
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    return np.arange(total) + np.repeat(starts - before, counts)
