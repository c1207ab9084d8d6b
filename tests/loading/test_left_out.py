"""What a folder's loader leaves out: folders it can't look into, links, names."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from ragkit.errors import LoadError, UnsupportedFileError
from ragkit.loading import DirectoryLoader, TextLoader


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "data"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "b.txt").write_text("b")
    return root


@pytest.fixture
def too_deep(folder):
    """A folder that not even root can list by its path, since that is too long."""
    if sys.platform != "linux":
        pytest.skip("paths have other limits here")
    at = os.open(folder, os.O_RDONLY)
    for _ in range(18):
        os.mkdir("d" * 250, dir_fd=at)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    yield folder
    shutil.rmtree(folder / ("d" * 250))


def found(loader):
    return [layout.text for layout in loader.load()]


def test_a_folder_that_cannot_be_looked_into_is_reported(too_deep):
    with pytest.raises(LoadError, match=r"folder .*dddd.* can't be looked into \(File name too"):
        DirectoryLoader(too_deep).load()
    with pytest.raises(LoadError, match="looked into"):
        DirectoryLoader(too_deep).files()
    loader = DirectoryLoader(too_deep, on_error="skip")
    assert found(loader) == ["a", "b"]
    (skipped,) = loader.skipped
    assert skipped.is_folder
    assert "ddd" in skipped.path
    assert not isinstance(skipped.error, UnsupportedFileError)


def test_a_folder_that_is_excluded_may_be_closed(too_deep):
    loader = DirectoryLoader(too_deep, exclude="ddd*/**")
    assert found(loader) == ["a", "b"]
    assert loader.skipped == []
    with pytest.raises(LoadError, match="looked into"):
        DirectoryLoader(too_deep, exclude="ddd*/*").load()


def test_nothing_but_closed_folders_is_not_an_empty_folder(too_deep):
    for name in ("a.txt", "sub/b.txt"):
        (too_deep / name).unlink()
    with pytest.raises(LoadError, match="looked into") as caught:
        DirectoryLoader(too_deep, on_error="skip").files()
    assert not isinstance(caught.value, UnsupportedFileError)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_a_root_without_permission(folder, on_error):
    folder.chmod(0)
    try:
        with pytest.raises(LoadError, match="looked into"):
            DirectoryLoader(folder, on_error=on_error).files()
    finally:
        folder.chmod(0o700)


@pytest.fixture
def linked(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "way").symlink_to(outside, target_is_directory=True)
    (folder / "own.txt").symlink_to(folder / "a.txt")
    return folder


def test_links_that_lead_out_are_left_out(linked):
    loader = DirectoryLoader(linked)
    assert found(loader) == ["a", "a", "b"]
    skipped = {os.path.relpath(s.path, linked): s for s in loader.skipped}
    assert set(skipped) == {"link.txt", "way"}
    assert skipped["way"].is_folder
    assert not skipped["link.txt"].is_folder
    assert all(isinstance(s.error, UnsupportedFileError) for s in loader.skipped)
    assert "follow_links=True" in str(skipped["link.txt"].error)
    assert DirectoryLoader(linked, glob="*.md", loaders={".md": TextLoader}).skipped == []


def test_links_are_followed_when_asked(linked):
    loader = DirectoryLoader(linked, follow_links=True)
    assert found(loader) == ["a", "secret", "a", "b", "secret"]
    assert loader.skipped == []


def test_the_folder_itself_may_be_a_link(linked, tmp_path):
    (tmp_path / "alias").symlink_to(linked, target_is_directory=True)
    assert found(DirectoryLoader(tmp_path / "alias", glob="[ab].txt")) == ["a", "b"]


def test_names_that_are_not_utf8(folder):
    name = os.fsdecode(b"b\xe9.txt")
    try:
        (folder / name).write_text("text")
    except OSError:
        pytest.skip("the file system refuses such names")
    with pytest.raises(UnsupportedFileError, match="Rename"):
        DirectoryLoader(folder).load()
    with pytest.raises(UnsupportedFileError, match="Rename"):
        TextLoader(folder / name).load()
    loader = DirectoryLoader(folder, on_error="skip")
    assert found(loader) == ["a", "b"]
    assert len(DirectoryLoader(folder, on_error="skip", loaders={".txt": TextLoader}).load()) == 2
    (skipped,) = loader.skipped
    assert skipped.path == str(folder / name)
    str(skipped.error).encode()
