import pytest

from webhook.rules.choice import listed


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["a"], '"a"'),
        (["a", "b"], '"a" or "b"'),
        (["a", "b", "c"], '"a", "b" or "c"'),
        (["a", "b", "c", "d"], '"a", "b", "c" or "d"'),
        (["a", "b", "c", "d", "e", "f"], '"a", "b", "c", "d" or 2 others'),
        (["\n"], '"\\n"'),
        (["a" * 100], f'"{"a" * 63}…"'),
    ],
)
def test_what_is_allowed_is_listed_in_one_phrase(texts, told):
    assert listed(iter(texts)) == told
