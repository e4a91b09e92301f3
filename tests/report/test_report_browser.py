"""The page in a real browser: drawn, played, fitting, and to be read in both schemes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

PHONE_PX, DESK_PX = 360, 1366
LANDMARKS = ("header", "nav", "main", "footer")
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, level AA
LARGE_CONTRAST = 3.0  # the same, from 24 px, or 18.66 px bold

# Contrast of every visible text with what it stands on: the boxes of its drawing that it lies
# in, on the backgrounds of the elements around it. WCAG's relative luminance.
CONTRAST = """
() => {
  const canvas = [255, 255, 255, 1];
  const parse = text => {
    const n = (text.match(/-?[\\d.]+(?:e-?\\d+)?/g) || []).map(Number);
    if (text.startsWith('color(')) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
    return text.startsWith('rgb') ? [n[0], n[1], n[2], n[3] ?? 1] : [0, 0, 0, 0];
  };
  const over = (top, below, opacity = 1) => {
    const a = top[3] * opacity;
    return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)).concat(1);
  };
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    const chain = [];
    for (let one = element; one; one = one.parentElement) chain.unshift(one);
    let colour = canvas;
    for (const one of chain) colour = over(parse(getComputedStyle(one).backgroundColor), colour);
    const drawing = element.closest('svg');
    if (drawing) {
      const at = element.getBoundingClientRect();
      const x = at.left + at.width / 2, y = at.top + at.height / 2;
      for (const box of drawing.querySelectorAll('rect')) {
        const r = box.getBoundingClientRect(), s = getComputedStyle(box);
        if (r.left <= x && x <= r.right && r.top <= y && y <= r.bottom)
          colour = over(parse(s.fill), colour, Number(s.opacity));
      }
    }
    return colour;
  };
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!words || !box.width || !box.height || style.visibility === 'hidden') continue;
    if (element.closest('title, desc, .skip')) continue;
    const below = behind(element);
    const ink = over(parse(element.closest('svg') ? style.fill : style.color), below);
    const [a, b] = [light(ink), light(below)].sort((p, q) => q - p);
    const px = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    seen.push({words, contrast: (a + 0.05) / (b + 0.05), large: px >= 24 || (px >= 18.66 && bold)});
  }
  return seen;
}
"""
PLAYED = """
async () => Promise.all([...document.querySelectorAll('audio')].map(async sound => {
  sound.muted = true;
  await sound.play();
  for (let n = 0; n < 100 && !sound.currentTime; n++) await new Promise(r => setTimeout(r, 50));
  return {at: sound.currentTime, length: sound.duration, error: sound.error && sound.error.code};
}))
"""
SPILLED = """
() => [...document.querySelectorAll('body *')].filter(one => {
  for (let a = one.parentElement; a; a = a.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(a).overflowX)) return false;
  if (one.closest('svg') || one.matches('.skip')) return false;
  return one.getBoundingClientRect().right > innerWidth + 0.5;
}).map(one => one.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What the browser complained of, and what it asked for beside the page."""
    return []


@pytest.fixture(scope="module")
def page(
    browser: Browser, html: str, said: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Page:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html)
    page = browser.new_page(viewport={"width": DESK_PX, "height": 900})
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if foreign(asked.url, file) else None)
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    return page


def foreign(url: str, file: Path) -> bool:
    return url != file.as_uri() and not url.startswith("data:")


def test_the_players_play(page: Page) -> None:
    played: list[dict[str, Any]] = page.evaluate(PLAYED)
    assert played
    for one in played:
        assert one["error"] is None and one["at"] > 0 and one["length"] == pytest.approx(1, abs=0.1)


def test_every_drawing_is_there_with_a_title_and_a_description(page: Page) -> None:
    drawings: list[dict[str, Any]] = page.evaluate(
        """() => [...document.querySelectorAll('svg.drawing')].map(one => {
          const box = one.getBBox(), title = one.querySelector(':scope > title');
          const marks = one.querySelectorAll('polyline, circle, polygon, rect, path').length;
          return {wide: box.width, high: box.height, marks, name: title.textContent,
                  about: one.querySelector(':scope > desc').textContent,
                  role: one.getAttribute('role')};
        })"""
    )
    assert len(drawings) > 40
    for one in drawings:
        assert one["wide"] > 100 and one["high"] > 40 and one["marks"] > 0, one
        assert one["role"] == "img" and one["name"] and len(one["about"]) > 10, one
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")


def test_nothing_in_a_drawing_lies_outside_it(page: Page) -> None:
    """By more than a slanted name's end, for which cards have room."""
    spilled = page.evaluate(
        """() => [...document.querySelectorAll('svg.drawing')].flatMap(one => {
          const own = one.getBoundingClientRect();
          return [...one.querySelectorAll('text, rect, circle, polygon, line')].filter(part => {
            const box = part.getBoundingClientRect();
            return box.right > own.right + 14 || box.left < own.left - 14
              || box.bottom > own.bottom + 2 || box.top < own.top - 2;
          }).map(part => one.querySelector('title').textContent + ': ' + part.outerHTML);
        })"""
    )
    assert spilled == []


def test_the_first_tab_skips_to_the_report_and_boxes_that_scroll_can_be_reached(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    scrolled = "[...document.querySelectorAll('.scroll')]"
    assert page.evaluate(f"{scrolled}.every(one => one.tabIndex === 0 && one.ariaLabel)")
    landmarks = [page.locator(f"body > {one}").count() for one in LANDMARKS]
    assert landmarks == [1, 1, 1, 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    seen: list[dict[str, Any]] = page.evaluate(CONTRAST)
    assert len(seen) > 1000
    faint = [
        one
        for one in seen
        if one["contrast"] < (LARGE_CONTRAST if one["large"] else LEAST_CONTRAST)
    ]
    assert faint == []


def test_the_schemes_differ(page: Page) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]


@pytest.mark.parametrize("wide", [PHONE_PX, 768, DESK_PX])
def test_the_page_does_not_scroll_sideways(page: Page, wide: int) -> None:
    page.set_viewport_size({"width": wide, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    assert page.evaluate(SPILLED) == []


def test_on_a_phone_words_of_a_drawing_are_large_enough(page: Page) -> None:
    page.set_viewport_size({"width": PHONE_PX, "height": 740})
    heights = page.evaluate(
        """[...document.querySelectorAll('figure:not(.wide) svg.drawing')].map(one =>
          12 * one.getBoundingClientRect().width / one.viewBox.baseVal.width)"""
    )
    assert min(heights) >= 10


def test_on_paper_only_the_report_is_left(page: Page) -> None:
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print")
    assert not page.is_visible("nav") and not page.is_visible("audio") and page.is_visible("h1")
    page.emulate_media(media="screen")


def test_the_browser_had_nothing_to_complain_of_and_asked_for_nothing_else(
    page: Page, said: list[str]
) -> None:
    assert said == []
