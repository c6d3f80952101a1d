"""The page of settings names every setting there is."""

from pathlib import Path

import pytest
from pydantic import AliasChoices

from db.contracts.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_on_the_page(name: str) -> None:
    alias = Settings.model_fields[name].validation_alias
    variables = (
        [str(choice) for choice in alias.choices]
        if isinstance(alias, AliasChoices)
        else [f"SOLVEQUEUE_{name.upper()}"]
    )
    text = PAGE.read_text()
    assert [variable for variable in variables if f"`{variable}`" not in text] == []
