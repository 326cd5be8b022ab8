"""A table in Markdown that is printed row by row, as the rows are found, and still lines up."""

from collections.abc import Iterable, Sequence

_FIRST_COLUMN_CHARACTERS = 34


def heading(headings: Sequence[str]) -> str:
    """Give the first two lines."""
    return "\n".join(
        [line(headings, headings), line(headings, ["-" * _width(headings, at) for at in _columns(headings)])]
    )


def line(headings: Sequence[str], cells: Iterable[str]) -> str:
    """Give one line: the first column stands left, the others, numbers, right."""
    first, *others = cells
    padded = [first.ljust(_width(headings, 0))]
    padded += [cell.rjust(_width(headings, at)) for at, cell in enumerate(others, start=1)]
    return f"| {' | '.join(padded)} |"


def _columns(headings: Sequence[str]) -> range:
    return range(len(headings))


def _width(headings: Sequence[str], column: int) -> int:
    return _FIRST_COLUMN_CHARACTERS if column == 0 else len(headings[column])
