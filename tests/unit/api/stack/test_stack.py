"""What a stack refuses before any of it starts."""

from pathlib import Path

import pytest

from api.stack import Stack, StackError
from db.contracts.settings import Settings


def test_a_stack_for_strangers_has_to_ask_who_they_are(tmp_path: Path) -> None:
    stack = Stack(Settings(home=tmp_path, api_host="0.0.0.0", api_port=0))
    with pytest.raises(StackError, match="AUTH_MODE"):
        stack.start()
    assert stack.handles == {}
