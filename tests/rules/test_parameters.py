import pytest
from pydantic import ValidationError

from webhook.rules.parameters import Parameters, Pattern, either


class Named(Parameters):
    team_names: tuple[Pattern, ...]


def test_parameters_are_read_by_their_camel_case_names():
    assert [pattern.text for pattern in Named.of({"teamNames": ["a+", "b"]}).team_names] == ["a+", "b"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"teamNames": ["("]}, "must be a regular expression in RE2's syntax: missing ): ("),
        ({"teamNames": ["a(?=b)"]}, "must be a regular expression in RE2's syntax: invalid perl operator: (?="),
        ({"teamNames": [""]}, "must be a regular expression of 1 to 1024 characters"),
        ({"teamNames": ["a" * 1025]}, "must be a regular expression of 1 to 1024 characters"),
        ({"teamNames": [3]}, "must be a regular expression of 1 to 1024 characters"),
        ({"team_names": []}, "Field required"),
        ({"teamNames": [], "more": 1}, "Extra inputs are not permitted"),
    ],
)
def test_parameters_that_the_model_does_not_take_are_refused(raw, message):
    with pytest.raises(ValidationError) as refused:
        Named.of(raw)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("ml-[a-z]+", "ml-vision", True),
        ("ml-[a-z]+", "xml-vision", False),
        ("ml-[a-z]+", "ml-vision2", False),
        ("ml-[a-z]+", "ml-vision\n", False),
        ("a|b", "ab", False),
        ("(?i)a.", "Aß", True),
        ("(a+)+", "a" * 100_000 + "b", False),
        (".", "\ud800", True),
    ],
)
def test_a_pattern_matches_a_whole_text(pattern, text, matches):
    assert Named.of({"teamNames": [pattern]}).team_names[0].matches(text) is matches


@pytest.mark.parametrize(
    ("patterns", "text", "matches"),
    [
        (["a", "b+"], "bb", True),
        (["a", "b+"], "ab", False),
        (["a|b", "c"], "bc", False),
        (["(?i)a", "b"], "A", True),
        (["(?i)a", "b"], "B", False),
        ([], "", False),
        ([], "a", False),
        ([], "\U0010ffff", False),
    ],
)
def test_several_patterns_match_what_any_of_them_does(patterns, text, matches):
    assert either(Named.of({"teamNames": patterns}).team_names).matches(text) is matches


def test_patterns_that_are_too_large_together_are_refused():
    with pytest.raises(ValueError, match="must be a regular expression in RE2's syntax: pattern too large"):
        either(Named.of({"teamNames": [r"\pL{500}"] * 30}).team_names)
