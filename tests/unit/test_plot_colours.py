"""Colours that touch differ in grey print and to colour-blind eyes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from demo_sim.plot import style

# Colours that stand side by side as areas or bars, in the order in which they touch.
TOUCHING = {
    "sexes": [*style.SEX.values()],
    "levels": [style.FUNCTION[level] for level in ("mild", "moderate", "severe", "total")],
    "below intact": [style.FUNCTION["moderate"], style.FUNCTION["intact"]],
    "flows": [style.FLOW["out"], style.FLOW["in"], style.FLOW["within"]],
    "whole and part": [*style.STOCK.values()],
    "dependants": [*style.DEPENDANTS.values()],
    "verdicts": [style.VERDICT[v] for v in ("missed", "met", "at_risk", "not_assessed")],
    "living": [*style.LIVING.values()],
    "heat": [*style.HEAT],
}
# Machado, Oliveira and Fernandes (2009), full strength, on linear RGB.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
LEAST = 8.0  # of lightness: two to three times what is just seen side by side


def _linear(colour: str) -> np.ndarray:
    values = np.array(to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _lightness(linear: np.ndarray) -> float:
    """CIE L* of linear sRGB, 0 to 100."""
    y = float(np.clip(linear, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27


@pytest.mark.parametrize("name", TOUCHING)
def test_touching_colours_differ_in_grey(name: str) -> None:
    grey = [_lightness(_linear(colour)) for colour in TOUCHING[name]]
    assert min(abs(a - b) for a, b in pairwise(grey)) >= LEAST, grey


@pytest.mark.parametrize("blindness", BLIND)
@pytest.mark.parametrize("name", TOUCHING)
def test_touching_colours_differ_to_colour_blind_eyes(name: str, blindness: str) -> None:
    seen = [_lightness(np.array(BLIND[blindness]) @ _linear(colour)) for colour in TOUCHING[name]]
    assert min(abs(a - b) for a, b in pairwise(seen)) >= LEAST, seen


def test_lines_differ_in_grey_or_in_their_dashes() -> None:
    kinds = [(_lightness(_linear(style.NEED[k])), str(style.NEED_LINE[k])) for k in style.NEED]
    kinds.append((_lightness(_linear(style.SUPPLY_COLOUR)), "-"))
    several = [(_lightness(_linear(c)), str(d)) for c, d in zip(style.LINE_COLOURS, style.LINE_DASHES, strict=True)]
    for lines in (kinds, several):
        for i, (grey, dashes) in enumerate(lines):
            for other, other_dashes in lines[i + 1 :]:
                assert abs(grey - other) >= LEAST or dashes != other_dashes


def test_the_heat_scale_darkens_all_the_way() -> None:
    assert (np.diff([_lightness(_linear(colour)) for colour in style.HEAT]) < -LEAST).all()


@pytest.mark.parametrize("verdict", style.VERDICT)
def test_words_on_badges_can_be_read(verdict: str) -> None:
    ground, ink = (float(_linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in
                   (style.VERDICT[verdict], style.VERDICT_TEXT[verdict]))  # fmt: skip
    assert max(ground, ink) / min(ground, ink) >= 4.5  # as WCAG 2 asks of small text
