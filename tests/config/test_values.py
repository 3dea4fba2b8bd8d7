import pytest

from sketch2color.config import values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "a stands there twice, again in line 3"),
        ("deep:\n  x: 1\n  y: {z: 1, z: 2}\n", "z stands there twice, again in line 3"),
        ("a: [", "not YAML"),
        ("[a]: 1", "not YAML"),
        ("a: \x01", "not YAML"),
    ],
)
def test_what_is_no_yaml_is_said_in_one_line(text, message, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        values.load(path)


def test_bytes_that_are_no_text_are_no_yaml(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(ValueError, match="not YAML"):
        values.load(tmp_path / "a.yaml")


def test_equal_keys_in_different_places_are_no_mistake(tmp_path):
    (tmp_path / "a.yaml").write_text("base: &base {x: 1}\none: {<<: *base, y: 2}\ntwo: {x: 3}\n")
    assert values.load(tmp_path / "a.yaml") == {"base": {"x": 1}, "one": {"x": 1, "y": 2}, "two": {"x": 3}}
