"""Whether every word of a page stands out from its ground, read off the page itself (WCAG 2.2: a contrast of at least 4.5)."""

# [contrast, element, words] of what is fainter. Colours are painted rather than parsed, ground over ground as the browser does;
# what is see-through lets its ground shine through its letters, too. A disabled control need not be read.
_FAINT = """root => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = '#000'; paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1); return [...paint.getImageData(0, 0, 1, 1).data]; };
  const over = ([r, g, b, a], below, share = 1) => [r, g, b].map((v, i) => v * share * a / 255 + below[i] * (1 - share * a / 255));
  const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const faint = [], inactive = ':disabled, option, style, script, [aria-hidden="true"], .csn-reason, .modebar';
  for (const element of document.querySelectorAll(`${root}, ${root} *`)) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(' ').trim();
    const hint = element.value === '' && element.placeholder, words = own || hint;
    const seen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!words || !seen || element.closest(inactive)) continue;
    const above = [];
    for (let each = element; each; each = each.parentElement) above.unshift(each);
    let ground = [255, 255, 255], share = 1;
    for (const each of above) {
      const style = getComputedStyle(each), bar = style.getPropertyValue('--csn-method');
      share *= Number(style.opacity);
      ground = over(rgba(style.backgroundColor), ground, share);
      // A cell of the docket: its bar is the method's colour, paler.
      if (each === element && bar && style.backgroundImage !== 'none') ground = over([...rgba(bar).slice(0, 3), 77], ground);
    }
    const style = getComputedStyle(element, hint ? '::placeholder' : null);
    const ink = element.closest('svg') ? style.fill : style.color, seeThrough = hint ? Number(style.opacity) : 1;
    const [a, b] = [light(over(rgba(ink), ground, share * seeThrough)), light(ground)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5)
      faint.push([contrast.toFixed(2), `${element.tagName}.${element.getAttribute("class")}`, words.slice(0, 40)]);
  }
  return faint;
}"""


def faint_words(page: object, root: str) -> list[list[str]]:
    """The words inside an element that cannot be read well: contrast, element, words."""
    return page.evaluate(_FAINT, root)


def in_theme(page: object, theme: str) -> None:
    """Turns a page of ours light or dark, as JupyterLab and Voila do."""
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", str(theme == "light").lower())
    # Colours of controls fade over in a fifth of a second.
    page.wait_for_timeout(300)


def nameless_controls(page: object, root: str) -> list[str]:
    """The controls that a screen reader could not name, as the browser's own tree of names has them."""
    lines = [line.strip() for line in page.locator(root).aria_snapshot().splitlines()]
    controls = [
        line for line in lines if line.split(":")[0].split(" ")[1:2] and line.split()[1].strip(":") in _CONTROLS
    ]
    assert controls, "a page without any control was looked at"
    return [line for line in controls if not line.removeprefix(f"- {line.split()[1]}").startswith((' "', " /"))]


_CONTROLS = (
    "button", "checkbox", "combobox", "grid", "listbox", "option", "searchbox", "slider", "spinbutton", "tab",
    "tablist", "textbox",
)  # fmt: skip
