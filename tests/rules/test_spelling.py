import pytest

from webhook.rules.spelling import did_you_mean

KNOWN = ("K8sJobMode", "HTTPMode", "SidecarMode")


@pytest.mark.parametrize(
    ("value", "question"),
    [
        ("httpmode", '; did you mean "HTTPMode"?'),
        ("SideCar", '; did you mean "SidecarMode"?'),
        ("usermode", '; did you mean "SidecarMode"?'),
        ("", ""),
        ("Lambda", ""),
        ("sidecarmode" + "x" * 1_000_000, ""),
    ],
)
def test_the_closest_value_is_named_where_one_is_close(value, question):
    assert did_you_mean(value, KNOWN) == question


def test_an_older_name_leads_to_the_one_that_took_its_place():
    assert did_you_mean("UserMode", KNOWN, {"usermode": "HTTPMode"}) == '; did you mean "HTTPMode"?'
