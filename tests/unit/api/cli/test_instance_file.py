from pathlib import Path

import pytest
import typer

from api.cli.instance_file import read_instance


def test_a_word_is_a_name_of_the_library() -> None:
    assert read_instance("nug30") == {"name": "nug30"}


def test_a_hash_is_a_hash() -> None:
    assert read_instance("ab" * 32) == {"sha256": "ab" * 32}


def test_a_qaplib_file_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.dat"
    path.write_text("2\n0 1\n1 0\n")
    assert read_instance(str(path)) == {"qaplib": "2\n0 1\n1 0\n", "name": "mine"}


def test_a_json_file_is_sent_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"costs": [[1, 2], [3, 4]]}')
    assert read_instance(str(path)) == {"costs": [[1, 2], [3, 4]], "name": "mine"}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("absent.dat", None, "there is no file"),
        ("folder/absent", None, "there is no file"),
        ("bad.json", b"{", "is not JSON"),
        ("list.json", b"[1]", "holds no object"),
        ("binary.dat", b"\xff\xfe", "is not a QAPLIB file"),
    ],
)
def test_a_file_that_cannot_be_one_is_wrong_usage(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(typer.BadParameter, match=complaint):
        read_instance(str(path))
