"""Validate a document by pydantic models, and describe what is wrong with it in one line."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sketch2color.text import quote

T = TypeVar("T")
Schema = Mapping[str, Any]
_TYPES = {
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a mapping of keys to values",
    "string": "a text",
}
_HINTS = {
    ("number", str): "; write 1.0e-4, not 1e-4: YAML reads the latter as text",
    ("string", int): "; write it in quotes: YAML reads bare digits as a number",
}


class Model(BaseModel):
    """Frozen; refuses unknown keys, NaN, infinity, and conversions other than of an integer to a float."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def text(allowed: str, pattern: str = r"\S") -> Any:
    """Return the metadata of a text; ``allowed`` says in words what its pattern or a validator allows."""
    return Field(pattern=pattern, json_schema_extra={"allowed": allowed})


def validate(
    adapter: TypeAdapter[T], values: Any, context: Any = None, renamed: Mapping[str, str] | None = None
) -> T:
    """Return the content of a file as the adapter's model.

    Args:
        adapter: of a model, or of a union of models.
        values: what :func:`sketch2color.config.document.load` returned.
        context: for the validators of the models.
        renamed: former keys, and what they are called now.

    Raises:
        ValueError: one line with the key, what is allowed, and the value.
    """
    try:
        return adapter.validate_python(values, context=context)
    except ValidationError as error:
        # an unknown key may explain a missing one; in a union the deepest error is about what was meant
        errors = error.errors(include_url=False)
        worst = max(errors, key=lambda one: (one["type"] == "extra_forbidden", len(one["loc"])))
        raise ValueError(_Describer(adapter.json_schema(), renamed or {}).describe(worst)) from None


class _Describer:
    """Describes pydantic's errors by the JSON schema of what was expected."""

    def __init__(self, root: Schema, renamed: Mapping[str, str]) -> None:
        self._root, self._renamed = root, renamed

    def describe(self, error: Mapping[str, Any]) -> str:
        """Return one line about an error, an entry of ``ValidationError.errors()``."""
        kind, location, given = error["type"], error["loc"], error["input"]
        if location[-1:] == ("[key]",):
            kind, location = "invalid_key", location[:-1]
        if kind in ("extra_forbidden", "invalid_key"):
            return self._unknown(*self._find(location[:-1]), location[-1])
        key, schema = self._find(location)
        if kind.startswith("union_tag") and isinstance(given, dict):
            tag = self._root["discriminator"]["propertyName"]
            key, schema, given = tag, {"enum": self._root["discriminator"]["mapping"]}, given.get(tag)
        allowed = self._allowed(schema)
        if kind == "missing":
            return f"{key} is missing: must be {allowed}"
        if kind == "value_error" and (reason := str(error["ctx"]["error"])):
            return reason
        hint = _HINTS.get((schema.get("type", ""), type(given)), "") if kind.endswith("_type") else ""
        return f"{key or 'the file'} must be {allowed} (got {quote(given)}{hint})"

    def _unknown(self, parent: str, schema: Schema, key: Any) -> str:
        known = [
            name
            for option in self._options(schema)
            for name in option.get("properties") or option.get("propertyNames", {}).get("enum", ())
        ]
        name, new = _join(parent, key), self._renamed.get(key)
        if new in known:
            return f"{name} is now called {new}"
        near = difflib.get_close_matches(str(key)[:80], known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return f"unknown key {name}; {advice}"

    def _find(self, location: Sequence[Any]) -> tuple[str, Schema]:
        """Return the dotted key of a location, and the schema of what is allowed there.

        In pydantic's locations also the members of unions have names; they are no part of the key.
        """
        key, schema = "", self._root
        for part in location:
            for option in self._options(schema):
                properties = option.get("properties", {})
                if properties.get("type", {}).get("const") == part:
                    schema = option
                elif isinstance(part, int) and "items" in option:
                    key, schema = f"{key}[{part}]", option["items"]
                elif part in properties or isinstance(option.get("additionalProperties"), dict):
                    key, schema = _join(key, part), properties.get(part) or option["additionalProperties"]
                else:
                    continue
                break
        return key, self._resolve(schema)

    def _options(self, schema: Schema) -> list[Schema]:
        schema = self._resolve(schema)
        return [self._resolve(one) for one in schema.get("anyOf") or schema.get("oneOf") or [schema]]

    def _resolve(self, schema: Schema) -> Schema:
        return self._root["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema

    def _allowed(self, schema: Schema) -> str:
        """Return in words what a schema allows, such as: an integer from 1 to 9, in pixels."""
        schema = self._resolve(schema)
        if "anyOf" in schema:
            return ", or ".join(map(self._allowed, schema["anyOf"]))
        if "enum" in schema:
            return f"one of {', '.join(schema['enum'])}"
        if schema.get("type") == "array":
            return f"a list, each item {self._allowed(schema['items'])}"
        low, high, factor = (schema.get(key) for key in ("minimum", "maximum", "multipleOf"))
        bounds = "" if low is None else f" from {low:.10g} to {high:.10g}"
        bounds += f", a multiple of {factor}" if factor else ""
        bounds += f", {schema['description']}" if "description" in schema and low is not None else ""
        return str(schema.get("allowed") or _TYPES[schema.get("type", "object")] + bounds)


def _join(parent: str, key: Any) -> str:
    plain = isinstance(key, str) and key.isprintable() and len(key) <= 80
    return f"{parent}.{key if plain else quote(key)}".removeprefix(".")
