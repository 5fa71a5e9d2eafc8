"""Schema errors of a configuration in words: one line each, with key, value and what is allowed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError

from qm7bench.configuration.sections import Configuration, Section
from qm7bench.configuration.suggestions import suggestion

Place = tuple[int | str, ...]
KEY = "[key]"
"""How pydantic names a key that is itself at fault."""
ALLOWED = {
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "greater_than_equal": "a number >= {ge}",
    "int_type": "an integer",
    "less_than_equal": "a number <= {le}",
    "list_type": "a list, in brackets",
    "literal_error": "{expected}",
    "model_type": "keys with values",
    "repeated": "each value once",
    "string_pattern_mismatch": "small letters, digits and _, a letter first",
    "string_type": "a text",
    "too_short": "a list of at least {min_length}",
}
"""What a key takes, by pydantic's type of error and with the numbers of its context."""
BY_NAME = {"datasets", "features", "models", "ensembles"}
"""Sections whose keys are names that others refer to."""


def schema_errors(error: ValidationError) -> Iterator[str]:
    """Say each error in a line, sorted by place."""
    for found in sorted(error.errors(include_url=False), key=lambda e: _text(e["loc"])):
        place: Place = found["loc"]
        where, kind, value = _text(place) or "the file", found["type"], found["input"]
        allowed = ALLOWED.get(kind, found["msg"]).format(**found.get("ctx", {}))
        if kind == "extra_forbidden":
            yield f"unknown key {where}{suggestion(str(place[-1]), _known_keys(place[:-1]))}"
        elif kind == "missing":
            yield f"{_text(place[:-1]) or 'the file'} lacks the key {place[-1]!r}"
        elif place[-1:] == (KEY,):
            yield f"{_text(place[:-2])} has the key {value!r}; give {allowed}"
        else:
            yield f"{where} is {value!r}; give {allowed}"


def without_errors(config: Any, error: ValidationError) -> Configuration | None:
    """The configuration with defaults for wrong values, if what it says is clear without them."""
    kept = copy.deepcopy(config)
    for each in error.errors(include_url=False):
        keys = list(each["loc"])
        while keys and (isinstance(keys[-1], int) or keys[-1] == KEY):
            keys.pop()
        if not keys or (len(keys) == 2 and keys[0] in BY_NAME):
            return None
        section = kept
        for key in keys[:-1]:
            section = section.get(key, {})
        section.pop(keys[-1], None)
    try:
        return Configuration.model_validate(kept)
    except ValidationError:
        return None


def _text(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _known_keys(place: Place) -> list[str]:
    """Keys that the section at a place may have."""
    found: Any = Configuration
    for part in place:
        if isinstance(found, type) and issubclass(found, Section):
            found = _bare(found.model_fields[str(part)].annotation)
        else:
            found = _bare(get_args(found)[1])
    return list(found.model_fields)


def _bare(annotation: Any) -> Any:
    """The type without marks and without the choice to be absent."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not type(None)]
    return _bare(options[0]) if len(options) == 1 else annotation
