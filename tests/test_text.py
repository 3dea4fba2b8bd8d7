import pytest

from sketch2color.errors import UserError
from sketch2color.text import MAX_MESSAGE, describe_error, one_line, printable, quote

HOSTILE = [
    "\udcff",
    "\x1b[2J",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ufeff",
    "\x00",
    "\r",
    "\x85",
    "\u2028",
    "\xad",
]


@pytest.mark.parametrize("letter", HOSTILE)
def test_what_changes_a_terminal_is_escaped(letter):
    assert printable(f"a{letter}b.png").isprintable()
    assert "a\\" in printable(f"a{letter}b.png")
    assert str(UserError(f"a{letter}b.png")).encode("utf-8")


@pytest.mark.parametrize(
    "name", ["a b.png", "速写\u3000１.png", "é.png", "Bildschirm\u202f9.41.png", "👨\u200d👩.png"]
)
def test_names_that_people_write_stay(name):
    assert printable(name) == name


@pytest.mark.parametrize("text", ["x" * 5000, "\n" * 10_000_000, " " * 1_000_000 + "x", "\udcff" * 5000])
def test_a_message_is_one_line_of_bounded_length_and_keeps_its_end(text):
    message = str(UserError(f"{text}: rename it"))
    assert message.isprintable()
    assert len(message) <= MAX_MESSAGE
    assert message.endswith(": rename it")


def test_a_short_message_stays_as_it_is():
    assert one_line("a  b.png: too small") == "a  b.png: too small"
    assert one_line("first\n\n  second\t") == "first  second"


def test_an_error_without_a_message_has_its_type():
    assert [describe_error(error) for error in (EOFError(), KeyError("a"), ValueError("\x1b"))] == [
        "EOFError",
        "a",
        "\\x1b",
    ]
    assert len(describe_error(ValueError("x" * 10**6))) == 120
    assert quote("\udcff\x1b") == "'\\udcff\\x1b'"
