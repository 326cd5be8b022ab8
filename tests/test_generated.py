import pytest

from tests import generated


def test_what_is_generated_from_code_is_as_the_code_says():
    assert generated.stale() == []


def test_a_readme_without_its_marks_is_not_overwritten(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("# no marks\n")
    monkeypatch.setattr(generated, "ROOT", tmp_path)

    with pytest.raises(ValueError, match=r"README\.md: must hold <!-- generated: defaults -->"):
        generated.readme()
