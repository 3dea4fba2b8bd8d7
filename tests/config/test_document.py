import pytest

from sketch2color.config.document import load, user_errors
from sketch2color.errors import UserError
from sketch2color.text import MAX_QUOTED, quote


def write(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    return tmp_path / "a.yaml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate key 'a', again in line 3"),
        ("deep:\n  x: 1\n  y: {z: 1, z: 2}\n", "duplicate key 'z', again in line 3"),
        ("a: &a {x: 1, x: 2}\n", "duplicate key 'x', again in line 1"),
        ("a: [", "not YAML"),
        ("[a]: 1", "not YAML"),
        ("a: \x01", "not YAML"),
        ("a: !!python/object:os.system x", "not YAML"),
        ("--- a\n--- b\n", "not YAML"),
        ("a: " + "[" * 100_000, "nested too deeply"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a:\n" + "- " * 3000, "nested too deeply"),
        ("a: " + "9" * 5000, "an integer must have at most 4,300 digits, line 1"),
        ("a: 1" + ":1" * 1_000_000, "an integer must have at most 4,300 digits"),
        ('a: !!int ""', "a value does not fit the type"),
        ('a: !!int "-"', "a value does not fit the type"),
        ('a: !!float "_"', "a value does not fit the type"),
        ("a: !!bool maybe", "a value does not fit the type"),
        ("a: !!timestamp never", "a value does not fit the type"),
        ("a: !!float x", "could not convert"),
        ("a: 2026-13-45", "month must be"),
        ("a: &a [*a]\n", "aliases must not expand"),
        ("a: &a {<<: *a}\n", "aliases must not expand"),
    ],
    ids=lambda value: value[:30],
)
def test_malformed_files_are_refused(text, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, text))


def test_bytes_that_are_no_text_are_no_yaml(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(ValueError, match="not YAML"):
        load(tmp_path / "a.yaml")


@pytest.mark.parametrize("nest", ["[*a, *a]", "{x: *a, y: *a}", "{<<: [*a, *a]}"])
def test_nested_anchors_do_not_expand_without_bound(nest, tmp_path):
    levels = [f"a{at}: &a{at} " + nest.replace("*a", f"*a{at - 1}") for at in range(1, 40)]
    path = write(tmp_path, "a0: &a0 {z: 1}\n" + "\n".join(levels))
    with pytest.raises(ValueError, match="aliases must not expand to more than 10,000,000 characters"):
        load(path)


def test_a_chain_of_aliases_may_be_long(tmp_path):
    chain = "".join(f"a{n + 1}: &a{n + 1} [*a{n}]\n" for n in range(3000))
    content = load(write(tmp_path, "a0: &a0 []\n" + chain))
    assert content["a2"] == [[[]]]
    assert quote(content["a3000"]) == "<list>"


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with pytest.raises(ValueError, match="at most 10,000,000 bytes"):
        load(write(tmp_path, "#" * 10_000_001))


def test_equal_keys_in_different_places_are_no_mistake(tmp_path):
    path = write(tmp_path, "base: &base {x: 1}\none: {<<: *base, y: 2}\ntwo: {x: 3}\n")
    assert load(path) == {"base": {"x": 1}, "one": {"x": 1, "y": 2}, "two": {"x": 3}}


def test_an_empty_file_has_no_content(tmp_path):
    assert load(write(tmp_path, "# only a comment\n")) is None


def test_errors_become_one_line_that_names_the_file(tmp_path):
    path = write(tmp_path, "a: [\n")
    with pytest.raises(UserError, match=r"a\.yaml: not YAML: [^\n]*$"), user_errors(path, "write it"):
        load(path)
    path.unlink()
    with pytest.raises(UserError, match=r"a\.yaml does not exist: write it"), user_errors(path, "write it"):
        load(path)


@pytest.mark.parametrize("value", ["x" * 999, [["x"] * 99] * 9, 10**400, "\udcff\n" * 99])
def test_a_quotation_is_short_and_printable(value):
    assert len(quote(value)) <= MAX_QUOTED
    assert quote(value).isprintable()


def test_an_integer_that_python_does_not_print_is_named_by_its_type():
    assert quote(10**5000) == "<int>"
