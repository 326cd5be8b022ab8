r"""The events of a YAML text's first document, as Go's YAML parser would give them.

libyaml parses, because Go's parser is a port of it. Where the two have parted since, the text is amended in place and
parsed again, or refused:

- in a flow collection Go ends a plain scalar at `?` (and then refuses what follows), and lets it end in `:` (`{a:}`);
- in double quotes Go knows the escape `\'`, and not `\/`;
- a tag may hold `,`, `[` and `]`, and only a blank ends it;
- a byte order mark is skipped at the start of the text, not of every line;
- `%YAML 1.2` is not 1.1;
- a flow collection in which no key can begin (`{}`, `{? a}`) ends the look-ahead for a `:` behind it: as the
  document's first key (`{}: 1`) it is the whole document for Go, and the rest is not read.

Known to differ still, because nobody writes them: two byte order marks at the start, one among the last three
characters, and an escaped NUL or broken UTF-8 in a tag.

Source: scannerc.go, parserc.go, readerc.go of go.yaml.in/yaml/v2 2.4; scanner.c, parser.c of libyaml 0.2.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, takewhile
from typing import Final, TypeVar, cast

from yaml import Mark
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)
from yaml.reader import ReaderError
from yaml.scanner import ScannerError

T = TypeVar("T")

EVENT_COST: Final = 250  # a unit of the budget is the time that libyaml takes for a character, some 10 ns

_TOO_LARGE: Final = "is too large, or nests too deeply, to be judged"
_BYTE_ORDER_MARK: Final = "\ufeff"
_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EMPTY_FLOWS: Final = re.compile(r"^[ \t]*+(?:[\[{][ \t]*[\]}][ \t]*){1,2}", re.MULTILINE)
_OPENING: Final = re.compile(r"[\[{]")
_PRIVATE_USE: Final = range(0xE000, 0xF900)
_TAG_DIRECTIVES: Final = 100  # libyaml compares each of them with all others
_GO_CHUNK: Final = 512  # bytes that Go decodes at a time
_LIBYAML_CHUNK: Final = 16384


class Refused(Exception):
    """A text that Go refuses, or that costs more than its budget; line and column count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


def refused(problem: str, mark: object) -> Refused:
    """A refusal at a mark of libyaml's."""
    place = cast("Mark", mark)
    return Refused(problem, place.line + 1, place.column + 1)


def read(text: str, budget: int, decode: Callable[[Iterator[Event]], T]) -> T:
    """What `decode` makes of the first document's node events; there are none where the text holds no document.

    It is called again, from the start, where the text had to be amended. The budget is in units: each character costs
    one, each event `EVENT_COST` and one for each flow collection that is open (libyaml looks at them all for every
    token), and a tag its length.

    Raises:
        Refused: Go refuses the text's syntax, or the budget is spent; or `decode` raises it.
    """
    source = _Source(text, budget)
    while True:
        try:
            return decode(source.events())
        except MarkedYAMLError as error:
            source.amend(error)
        except ReaderError as error:
            raise source.unreadable(error) from None
        except UnicodeDecodeError:  # of PyYAML, from the escapes of a tag
            raise Refused("found a tag that is not UTF-8", 1, 1) from None


class _Source:
    """A text on its way through libyaml, with what had to be changed for it to be read as Go reads it."""

    def __init__(self, text: str, budget: int) -> None:
        self.budget = budget
        self.stand_ins: dict[int, str] = {}  # by code point: a character of private use, and what it stands for
        self.refusal: Refused | None = None
        self.starts_with_mark = text.startswith(_BYTE_ORDER_MARK)
        self.text = text.removeprefix(_BYTE_ORDER_MARK)
        if _BYTE_ORDER_MARK in self.text[1:]:
            stand_in = self._stand_in(_BYTE_ORDER_MARK)
            self.text = self.text[0] + self.text[1:].replace(_BYTE_ORDER_MARK, stand_in)
        if "\\/" in self.text:
            self.text = self.text.replace("\\/", "\\" + self._stand_in("/"))
        if self.text.count("%TAG") > _TAG_DIRECTIVES:
            raise Refused(f"holds more than {_TAG_DIRECTIVES} %TAG directives", 1, 1)

    def events(self) -> Iterator[Event]:
        """The events, as long as libyaml has nothing against the text as it stands now."""
        has_oddities = self.stand_ins or "?" in self.text or "!" in self.text
        open_flows = 0
        for event in self._document():
            if isinstance(event, ScalarEvent):
                if has_oddities:
                    self._look_at(event, open_flows)
            elif isinstance(event, CollectionStartEvent):
                if open_flows or event.flow_style:
                    open_flows += 1
                if event.tag:
                    self.budget -= len(event.tag)
            elif open_flows and isinstance(event, CollectionEndEvent):
                open_flows -= 1
            self.budget -= EVENT_COST + open_flows
            if self.budget < 0:
                raise refused(_TOO_LARGE, event.start_mark)
            yield event

    def amend(self, error: MarkedYAMLError) -> None:
        """Changes the text where Go reads on, and libyaml does not.

        Raises:
            Refused: Go does not read on either.
        """
        mark = cast("Mark", error.problem_mark)
        at, problem, context = mark.index, error.problem or "", error.context or ""
        if problem == "found unexpected ':'":
            self._replace(at, self._stand_in(":"))
        elif problem == "found unknown escape character" and self.text.startswith("\\'", at):
            self._replace(at, self._stand_in(""))
        elif context.endswith(" a tag") and self.text[at : at + 1] in (",", "[", "]"):
            self._replace(at, f"%{ord(self.text[at]):X}")
        else:
            refusal = self.refusal or refused(f"{problem} {context}".rstrip(), mark)
            if self.refusal or not _EMPTY_FLOWS.search(self.text):
                raise refusal from None
            # Go may end the document at an empty flow collection, and see nothing of the rest of its line. A line
            # break within the brackets lets libyaml do so too; indented, it changes nothing else.
            self.refusal = refusal
            self.text = _EMPTY_FLOWS.sub(_broken, self.text)

    def unreadable(self, error: ReaderError) -> Refused:
        """The refusal of a character that YAML does not allow; libyaml tells the byte's offset."""
        before = self._bytes()[: error.position].decode("utf-8", "replace").removeprefix(_BYTE_ORDER_MARK)
        return Refused(error.reason, before.count("\n") + 1, len(before) - before.rfind("\n"))

    def _document(self) -> Iterator[Event]:
        """The events within the first document, as libyaml gives them."""
        self.budget -= len(self.text)
        if self.budget < 0:
            raise Refused(_TOO_LARGE, 1, 1)
        stream = iter(CParser(self._input()).get_event, None)
        next(stream)  # the stream's start
        start = next(stream)
        if not isinstance(start, DocumentStartEvent):
            return iter(())
        if start.version == (1, 2):
            raise refused("found incompatible YAML document", start.start_mark)
        head = _head(stream, self.text)
        return takewhile(_is_within, chain(head, stream))

    def _look_at(self, event: ScalarEvent, open_flows: int) -> None:
        if self.stand_ins:
            event.value = event.value.translate(self.stand_ins)
        if open_flows and not event.style:
            if "?" in event.value:
                raise refused("found '?' in a plain scalar within [] or {}, which must be quoted", event.start_mark)
            if event.tag is not None and self._is_cut_short(event):
                raise ScannerError(
                    "while scanning a tag", None, "did not find expected whitespace", cast("Mark", event.end_mark)
                )
        self.budget -= len(event.tag or "")

    def _is_cut_short(self, event: ScalarEvent) -> bool:
        """Whether libyaml ended an empty scalar's tag at a comma, which for Go is part of the tag."""
        start = cast("Mark", event.start_mark).index
        end = cast("Mark", event.end_mark).index
        return self.text.startswith(",", end) and self.text[start:end].split()[-1].startswith("!")

    def _replace(self, at: int, by: str) -> None:
        self.budget -= len(self.text)
        self.text = self.text[:at] + by + self.text[at + 1 :]

    def _stand_in(self, meaning: str) -> str:
        """A character that is nowhere in the text and stands for a meaning that libyaml must not see."""
        for code, known in self.stand_ins.items():
            if known == meaning:
                return chr(code)
        free = next((code for code in _PRIVATE_USE if chr(code) not in self.text and code not in self.stand_ins), None)
        if free is None:
            raise Refused("holds every character of private use", 1, 1)
        self.stand_ins[free] = meaning
        return chr(free)

    def _input(self) -> str | _Chunks:
        # Only where a character is not allowed does it matter how far ahead of its scanner Go decodes.
        return _Chunks(self._bytes()) if _NOT_PRINTABLE.search(self.text) else self.text

    def _bytes(self) -> bytes:
        return (_BYTE_ORDER_MARK * self.starts_with_mark + self.text).encode("utf-8", "surrogatepass")


class _Chunks:
    """Bytes that libyaml gets in pieces, so that it decodes as far ahead as Go would."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def read(self, size: int = 0, /) -> bytes:
        """The next piece, where libyaml asks for as many bytes as its larger buffer has room for."""
        start = self.position
        self.position += size - _LIBYAML_CHUNK + _GO_CHUNK
        return self.content[start : self.position]


def _broken(flows: re.Match[str]) -> str:
    """Flow collections, at the start of a line, with a line break and as many blanks as before in each."""
    return _OPENING.sub(lambda bracket: f"{bracket[0]}\n{' ' * bracket.end()}", flows[0])


def _is_within(event: Event) -> bool:
    return not isinstance(event, DocumentEndEvent)


def _head(stream: Iterator[Event], text: str) -> list[Event]:
    """The first events of a document, or all, where Go takes the flow mapping that is its first key for all of it.

    That is so where nothing in the mapping can be the start of a key: `{}`, `{? a}`.
    """
    root = next(stream)
    if not isinstance(root, MappingStartEvent) or root.flow_style:
        return [root]
    key = next(stream)
    is_bare_flow = isinstance(key, CollectionStartEvent) and key.flow_style and key.anchor is None and key.tag is None
    if not is_bare_flow or cast("Mark", root.end_mark).index != cast("Mark", key.start_mark).index:
        return [root, key]
    head, depth = [root, key], 1
    keys: list[Event] = []
    is_key = True
    while depth:
        event = next(stream)
        head.append(event)
        if isinstance(event, CollectionEndEvent):
            depth -= 1
        else:
            if depth == 1:
                keys += [event] * is_key
                is_key = not is_key
            depth += isinstance(event, CollectionStartEvent)
    is_explicit = all(text[: cast("Mark", event.start_mark).index].rstrip().endswith("?") for event in keys)
    return [*head[1:], DocumentEndEvent()] if is_explicit else head
