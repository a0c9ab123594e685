"""The return curve as a picture: an SVG or PNG file, drawn without a network, a browser or a screen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metrics.calibration import TARGET, Proposal
from metrics.fields import Language
from metrics.return_curve import Curve
from zaiseki.calibrating import Calibration
from zaiseki.messages import say

FORMATS = (".svg", ".png")
JAPANESE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAexGothic",
    "IPAGothic",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "MS Gothic",
)
ANYWHERE = ["DejaVu Sans", "sans-serif"]
"""The first comes with the library; the second is whatever the reader has."""
INK, POOLED, FIRST, LATER, QUIET = "#222222", "#0b3c5d", "#c1553b", "#3a7d44", "#9a9a9a"
WIDTH, HEIGHT = 9.0, 5.2
_LOOK: dict[str, Any] = {
    "svg.fonttype": "none",  # words stay words: to be read aloud, searched, and shown in any script
    "svg.hashsalt": "zaiseki",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def draw(found: Calibration, path: Path, language: Language) -> None:
    """Write the picture to `path`, whose ending says the form (one of `FORMATS`).

    A PNG in Japanese needs a Japanese font on this machine, and is in English without one. Raises `OSError`.
    """
    fonts = _fonts(language)
    if language == "ja" and path.suffix == ".png" and fonts == ANYWHERE:
        language = "en"
    look: Any = _LOOK | {"font.family": fonts}
    with mpl.rc_context(look), warnings.catch_warnings():
        # In an SVG the reader's own fonts draw what ours lack.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        _plot(figure.subplots(), found, language)
        meta = {"Date": None, "Creator": None} if path.suffix == ".svg" else None
        figure.savefig(path, format=path.suffix[1:], dpi=150, metadata=meta)


def _fonts(language: Language) -> list[str]:
    """The fonts to use, the first that has a glyph draws it."""
    if language == "en":
        return ANYWHERE
    here = set(font_manager.get_font_names())
    return [*(name for name in JAPANESE_FONTS if name in here), *ANYWHERE]


def _plot(axes: Axes, found: Calibration, language: Language) -> None:
    curves = found.curves
    _line(axes, curves.after_later, say("picture_later", language), LATER, width=1.4)
    _line(axes, curves.pooled, say("picture_pooled", language), POOLED, width=2.6)
    _line(axes, curves.after_first, say("picture_first", language), FIRST, width=1.4)
    _band(axes, curves.pooled)
    axes.axhline(float(TARGET) * 100, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    _marks(axes, found, language)
    axes.set_title(say("picture_title", language), loc="left", fontsize=13, pad=26)
    facts = {"as_of": found.as_of, "buyers": f"{found.buyers:,}", "gaps": f"{curves.pooled.gaps:,}"}
    axes.text(0, 1.03, say("picture_facts", language, **facts), transform=axes.transAxes, fontsize=9.5)
    axes.set_xlabel(say("picture_x", language))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f} %")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#e8e8e8", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="upper right")


def _line(axes: Axes, curve: Curve, label: str, colour: str, *, width: float) -> None:
    days, percents = _points(curve)
    if days:
        axes.plot(days, percents, color=colour, linewidth=width, label=label)


def _band(axes: Axes, curve: Curve) -> None:
    """Two standard errors on either side."""
    days, percents = _points(curve)
    errors = [200 * float(curve.error(day) or 0) for day in days]
    low = [max(value - error, 0.0) for value, error in zip(percents, errors, strict=True)]
    high = [value + error for value, error in zip(percents, errors, strict=True)]
    axes.fill_between(days, low, high, color=POOLED, alpha=0.15, linewidth=0)


def _marks(axes: Axes, found: Calibration, language: Language) -> None:
    """The lapse in force and the proposed one."""
    now = found.in_force.thresholds.lapse_days
    top = axes.get_ylim()[1]
    proposed = found.answer.lapse_days if isinstance(found.answer, Proposal) else None
    if now != proposed:
        axes.axvline(now, color=QUIET, linewidth=1.2, linestyle=(0, (1, 2)))
        side = "right" if proposed is None or now < proposed else "left"
        _word(axes, (now, top * 0.5), say("picture_now", language, days=now), colour=INK, side=side)
    if isinstance(found.answer, Proposal):
        percent = f"{found.answer.returning * 100:.1f}"
        text = say("picture_proposed", language, days=proposed, percent=percent)
        axes.axvline(found.answer.lapse_days, color=POOLED, linewidth=1.2)
        side = "right" if now > found.answer.lapse_days else "left"
        _word(axes, (found.answer.lapse_days, top * 0.6), text, colour=POOLED, side=side)


def _word(axes: Axes, place: tuple[float, float], text: str, *, colour: str, side: str) -> None:
    """`text` beside a line at `place`, on the side given: `right` ends at the line, `left` begins there."""
    shift = 5 if side == "left" else -5
    axes.annotate(
        text, place, xytext=(shift, 0), textcoords="offset points", ha=side, color=colour, fontsize=10
    )


def _points(curve: Curve) -> tuple[Sequence[int], Sequence[float]]:
    """The days of which the curve can tell, and the per cent who return."""
    told = [(day, curve.returns(day)) for day in range(1, curve.seen_days() + 1)]
    known = [(day, float(share) * 100) for day, share in told if share is not None]
    return [day for day, _ in known], [percent for _, percent in known]
