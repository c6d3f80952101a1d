import pytest

from worker.qap.benchmark import compiled_c
from worker.qap.benchmark.compiled_c import NoCompilerError, compiled


def test_without_a_compiler_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_c.shutil, "which", lambda _: None)
    with pytest.raises(NoCompilerError, match="installed"), compiled("textbook.c"):
        pass


def test_a_compiler_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_c, "_COMPILERS", ("false",))
    with pytest.raises(NoCompilerError, match="false refuses"), compiled("textbook.c"):
        pass
