"""The JSON-like value of a document's events, as Go decodes them into an empty interface and then into JSON.

Source: decode.go of go.yaml.in/yaml/v2 2.4 (what a node becomes, merge keys, excessive aliasing), then
convertToJSONableObject of sigs.k8s.io/yaml 1.6 and encoding/json (what JSON can say).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, MappingStartEvent, ScalarEvent

from webhook.rayjob.goyaml_events import Refused, refused
from webhook.rayjob.goyaml_scalar import MERGE_TAG, Misfit, NoText, Scalar, key_text, plain, tagged

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# Until it is converted, a mapping's key that is no text is a pair of its type and its value: Go's maps tell 1 from
# "1" and from 1.0, Python's dicts do not tell 1 from 1.0 and True.
_Key: TypeAlias = "str | tuple[type, NoText]"
_Raw: TypeAlias = "dict[_Key, _Raw] | list[_Raw] | Scalar"

_NOT_FINITE: Final = "found an infinite or undefined number, which JSON cannot hold"
_NOT_A_KEY: Final = "found a key that is null, or an integer above int64"
_WANTS_MAPPINGS: Final = "found a merge key '<<' whose value is no mapping, nor a list of mappings"

_INT64_LIMIT: Final = 2**63
_ALIASES_ALLOWED: Final = 100  # the numbers of decode.go: what may be decoded more than once by way of aliases
_STEPS_ALLOWED: Final = 1_000
_STEPS_LOW: Final = 400_000
_STEPS_HIGH: Final = 4_000_000
_RATIO_LOW: Final = 0.99
_RATIO_HIGH: Final = 0.10


@dataclass(slots=True)
class _Anchored:
    """What an anchor names: its value, the steps that Go takes to decode it, and how deep it nests."""

    value: _Raw = None
    steps: int = 0
    height: int = 0
    is_open: bool = True


@dataclass(slots=True)
class _Frame:
    """A collection that is being read; ``key`` waits for its value, ``merges`` says that the key was `<<`."""

    container: dict[_Key, _Raw] | list[_Raw]
    anchored: _Anchored | None
    height: int = 1
    key: _Key | None = None
    merges: bool = False


def value_of(events: Iterable[Event], depth: int) -> Json:
    """The value of a document; null where it has no events. Aliased values are shared, never copied.

    The result may nest as deeply as `depth` says: whoever walks it must not recurse.

    Raises:
        Refused: Go cannot decode the document, or it nests more than `depth` collections.
    """
    decoder = _Decoder()
    for event in events:
        if isinstance(event, ScalarEvent):
            decoder.scalar(event)
        elif isinstance(event, CollectionEndEvent):
            decoder.end(event)
        elif isinstance(event, CollectionStartEvent):
            decoder.start(event)
        else:
            decoder.alias(cast("AliasEvent", event))
    if decoder.height > depth:
        raise Refused(f"nests more than {depth} lists and mappings", 1, 1)
    if decoder.needs_conversion:
        decoder.convert()
    return cast("Json", decoder.value)


class _Decoder:
    """Puts values together from events, one after the other, and counts the steps that Go would take."""

    def __init__(self) -> None:
        self.value: _Raw = None
        self.height = 0
        self.frames: list[_Frame] = []
        self.anchors: dict[str, _Anchored] = {}
        self.steps = 1  # for the document
        self.aliased_steps = 0
        self.needs_conversion = False
        self.marks: dict[str, object] = {}  # by problem of the conversion: the first place that may have it

    def scalar(self, event: ScalarEvent) -> None:
        """Takes a scalar in, as a value or as a key."""
        text = event.value
        if text == "<<" and (event.implicit[0] or event.tag == MERGE_TAG) and self._wants_key():
            self.frames[-1].merges = True
            self._name(event, _Anchored("<<", 1, is_open=False))
            return
        value: Scalar | Misfit
        if event.tag is None:
            value = plain(text) if event.implicit[0] else text
        else:
            value = tagged(event.tag, text)
            if isinstance(value, Misfit):
                raise refused(f"found a scalar that is not {value.expected}, as its tag says", event.start_mark)
        if type(value) is float:
            self.needs_conversion = True
            self.marks.setdefault(_NOT_FINITE, event.start_mark)
        self.steps += 1
        if self.aliased_steps:
            self._judge_aliases(event)
        if event.anchor is not None:
            self._name(event, _Anchored(value, 1, is_open=False))
        self._put(value, event)

    def start(self, event: CollectionStartEvent) -> None:
        """Opens a list or a mapping."""
        is_mapping = isinstance(event, MappingStartEvent)
        anchored = None
        if event.anchor is not None:
            anchored = _Anchored(steps=self.steps)
            self._name(event, anchored)
        if is_mapping or not self.frames or not self.frames[-1].merges:  # of a list of merges Go decodes only the items
            self.steps += 1
            self._judge_aliases(event)
        self.frames.append(_Frame({} if is_mapping else [], anchored))

    def end(self, event: CollectionEndEvent) -> None:
        """Closes the innermost collection, and takes it in."""
        frame = self.frames.pop()
        anchored = frame.anchored
        if anchored is not None:
            anchored.value, anchored.height, anchored.is_open = frame.container, frame.height, False
            anchored.steps = self.steps - anchored.steps
        self._put(frame.container, event, frame.height)

    def alias(self, event: AliasEvent) -> None:
        """Takes in what an anchor names."""
        anchored = self.anchors.get(cast("str", event.anchor))
        if anchored is None:
            raise refused("found an alias of an anchor that is not there", event.start_mark)
        if anchored.is_open:
            raise refused("found an anchor whose value contains itself", event.start_mark)
        self.aliased_steps += anchored.steps
        self.steps += 1 + anchored.steps
        self._judge_aliases(event)
        self._put(anchored.value, event, anchored.height)

    def convert(self) -> None:
        """Makes the value one that JSON can say: keys are texts, whole floats are integers.

        Only what is left in the value counts: Go does not mind a key that a later one has overwritten.
        """
        self.value = self._converted(self.value)
        pending, seen = [self.value], set[int]()
        while pending:
            container = pending.pop()
            if id(container) in seen or not isinstance(container, dict | list):
                continue
            seen.add(id(container))
            if isinstance(container, dict):
                items = [(self._converted_key(key), self._converted(value)) for key, value in container.items()]
                container.clear()
                container.update(items)
                pending.extend(value for _, value in items)  # also what `1` loses to `"1"`: Go converts it first
            else:
                container[:] = [self._converted(value) for value in container]
                pending.extend(container)

    def _name(self, event: ScalarEvent | CollectionStartEvent, anchored: _Anchored) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = anchored

    def _judge_aliases(self, event: Event) -> None:
        if self.aliased_steps > _ALIASES_ALLOWED and self.steps > _STEPS_ALLOWED:
            share = (self.steps - _STEPS_LOW) / (_STEPS_HIGH - _STEPS_LOW)
            allowed = _RATIO_LOW - (_RATIO_LOW - _RATIO_HIGH) * min(1.0, max(0.0, share))
            if self.aliased_steps / self.steps > allowed:
                raise refused("holds too many aliases", event.start_mark)

    def _wants_key(self) -> bool:
        frame = self.frames[-1] if self.frames else None
        return frame is not None and isinstance(frame.container, dict) and frame.key is None and not frame.merges

    def _put(self, value: _Raw, event: Event, height: int = 0) -> None:
        if not self.frames:
            self.value, self.height = value, height
            return
        frame = self.frames[-1]
        container = frame.container
        if isinstance(container, list):
            container.append(value)
        elif frame.key is not None:
            container[frame.key] = value
            frame.key = None
        elif frame.merges:
            frame.merges = False
            height -= 1 + _merge(container, value, event)
        else:
            frame.key = self._key(value, event)
        if height >= frame.height:
            frame.height = height + 1

    def _key(self, value: _Raw, event: Event) -> _Key:
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list):
            raise refused("found a key that is a list or a mapping", event.start_mark)
        self.needs_conversion = True
        self.marks.setdefault(_NOT_A_KEY, event.start_mark)
        return type(value), value

    def _converted_key(self, key: _Key) -> str:
        text = key if isinstance(key, str) else key_text(key[1])
        if text is None:
            raise refused(_NOT_A_KEY, self.marks[_NOT_A_KEY])
        return text

    def _converted(self, value: _Raw) -> _Raw:
        if not isinstance(value, float):
            return value
        if not math.isfinite(value):
            raise refused(_NOT_FINITE, self.marks[_NOT_FINITE])
        return int(value) if value.is_integer() and abs(value) < _INT64_LIMIT else value


def _merge(into: dict[_Key, _Raw], value: _Raw, event: Event) -> int:
    """Merges a mapping, or each of a list, the first one last, as it counts most; returns how many levels vanish."""
    is_list = isinstance(value, list) and not isinstance(event, AliasEvent)
    for mapping in reversed(cast("list[_Raw]", value)) if is_list else (value,):
        if not isinstance(mapping, dict):
            raise refused(_WANTS_MAPPINGS, event.start_mark)
        into.update(mapping)
    return int(is_list)
