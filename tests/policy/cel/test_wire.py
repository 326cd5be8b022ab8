from hypothesis import given
from hypothesis import strategies as st

from webhook.policy.cel import wire


def test_a_message_is_read_field_by_field_in_its_order():
    written = (
        wire.integer(1, 300) + wire.text(2, "é") + wire.floating(3, 1.5) + wire.text(2, b"\x00") + wire.integer(4, 0)
    )

    assert list(wire.fields(written)) == [
        (1, 300),
        (2, "é".encode()),
        (3, b"\x00\x00\x00\x00\x00\x00\xf8\x3f"),
        (2, b"\x00"),
        (4, 0),
    ]
    assert wire.grouped(written)[2] == ["é".encode(), b"\x00"]
    assert wire.numbers(written) == {1: 300, 4: 0}
    assert wire.double(wire.grouped(written)[3][0]) == 1.5


def test_what_is_written_is_what_protocol_buffers_document():
    assert wire.integer(1, 150) == b"\x08\x96\x01"
    assert wire.text(2, "testing") == b"\x12\x07testing"
    assert wire.message(3, [wire.integer(1, 150)]) == b"\x1a\x03\x08\x96\x01"


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_of_either_sign_is_read_as_it_was_written(number):
    assert wire.signed(wire.numbers(wire.integer(1, number))[1]) == number


@given(st.lists(st.integers(0, 2**32)))
def test_packed_numbers_are_read_as_they_were_written(numbers):
    assert list(wire.packed(b"".join(map(wire.varint, numbers)))) == numbers
