"""Pages hold together without Sphinx: each is in a table of contents once, links and anchors lead somewhere."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^(`{3,})(.*?)\n(.*?)^\1\s*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def entries(text: str) -> list[str]:
    """What the tables of contents of a page name."""
    blocks = (body for _, head, body in _FENCE.findall(text) if head == "{toctree}")
    return [line for body in blocks for line in body.split() if not line.startswith(":") and not line.isdigit()]


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as a git host and the site make them."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_page_is_in_one_table_of_contents(written: dict[str, str], reference: dict[str, str]) -> None:
    pages = [name.removesuffix(".md") for name in written]
    pages += ["reference/" + Path(name).stem for name in reference if "/" not in name]
    named = [
        posixpath.normpath(posixpath.join(posixpath.dirname(home), entry))
        for home, text in [*written.items(), *(("reference/" + name, text) for name, text in reference.items())]
        for entry in entries(text)
    ]
    assert sorted([*named, "index"]) == sorted(pages)


def test_a_chinese_page_stands_in_the_chinese_contents(written: dict[str, str]) -> None:
    for home, text in written.items():
        chinese = {entry for entry in entries(text) if entry.endswith(".zh-CN")}
        if home == "index.md":
            assert chinese == {"index.zh-CN"}
        else:
            assert chinese == (set(entries(text)) if home.endswith(".zh-CN.md") else set()), home


def test_links_lead_to_pages_and_headings(written: dict[str, str], reference: dict[str, str]) -> None:
    """On a git host, too; pages that the build writes are known by name."""
    texts = {"docs/" + name: text for name, text in written.items()}
    texts |= {f"docs/reference/{name}": text for name, text in reference.items()}
    for file in (*ROOT.glob("*.md"), ROOT / "benchmarks" / "README.md"):
        texts[file.relative_to(ROOT).as_posix()] = file.read_text(encoding="utf-8")
    broken = []
    for home, text in texts.items():
        for link in _LINK.findall(re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(home), path)) if path else home
            if target not in texts and not (ROOT / target).exists():
                broken.append(f"{home}: {link}")
            elif anchor and anchor not in anchors(texts[target]):
                broken.append(f"{home}: {link} (no such heading)")
    assert not broken


def test_twins_name_each_other(written: dict[str, str]) -> None:
    """A page with a Chinese twin links to it and the twin back."""
    for name, text in written.items():
        twin = name.replace(".md", ".zh-CN.md")
        if twin in written and twin != name:
            assert f"({posixpath.basename(twin)})" in text, name
            assert f"({posixpath.basename(name)})" in written[twin], twin


def test_the_errands_can_be_clicked(written: dict[str, str], reference: dict[str, str]) -> None:
    """Every arrow of the page is a link, or an entry of the contents, of the page before it."""
    texts = written | {f"reference/{name}": text for name, text in reference.items()}
    page = written["paths.md"]
    chains = [line for line in page.splitlines() if "→" in line]
    assert len(chains) == page.count("\n## ") + 3
    for chain in chains:
        stops = _LINK.findall(chain)
        assert stops[0] == "index.md"
        for stop, following in pairwise(stops):
            home = posixpath.dirname(stop)
            reached = [*_LINK.findall(texts[stop]), *(f"{entry}.md" for entry in entries(texts[stop]))]
            assert following in {posixpath.normpath(posixpath.join(home, link)) for link in reached}, (stop, following)
        assert "An indicator" in texts["adding.md"] and "## Needs" in texts["method.md"]
    assert "## use.institution_rate (Hunan)" in texts["reference/assumptions.md"]
