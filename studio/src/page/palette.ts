// Colours: wells say what is changed, the stroke's colour or one of the palette; field, mixer and swatches change it.
import { colorName, nearestName, parseColor } from "./color.ts";
import { decode } from "./decode.ts";
import { find, make } from "./dom.ts";
import { NAMES } from "./names.ts";
import { watchField } from "./open.ts";
import { paletteFrom } from "./palette_from.ts";
import { PALETTES, SWATCHES } from "./ready.ts";
import { fail, say } from "./status.ts";
import type { Studio, Target } from "./studio.ts";
import { MAX_COLORS } from "./work.ts";

export function watchPalette(studio: Studio): void {
  find("color-names").append(...Object.keys(NAMES).map((value) => make("option", { value })));
  find("swatches").append(...SWATCHES.map((name) => swatch(studio, name)));
  find("palettes").append(...PALETTES.map((palette) => readyPalette(studio, palette)));
  find("palette-clear").addEventListener("click", () => studio.setPalette([]));
  find("color-remove").addEventListener("click", () => studio.removeColor());
  watchText(studio);
  watchMixer(studio);
  watchImage(studio);
  studio.on(["work", "session"], () => show(studio));
  show(studio);
}

export function targetLabel(target: Target): string {
  if (target === "stroke") return "Tool colour";
  return target === 0 ? "Main colour" : `Accent ${target}`;
}

function show(studio: Studio): void {
  const { palette } = studio.work;
  const { target, targetColor } = studio;
  const places = Array.from({ length: Math.min(MAX_COLORS, palette.length + 1) }, (_, index) => index);
  refill(find("stroke-well"), [well(studio, "stroke", studio.color)]);
  refill(find("used"), colorsInUse(studio).map((color) => swatch(studio, colorName(color), color)));
  refill(find("palette-wells"), places.map((index) => well(studio, index, palette[index] ?? null)));
  find("target").textContent = targetLabel(target);
  const text = find<HTMLInputElement>("color-text");
  if (document.activeElement !== text) setText(text, targetColor);
  find<HTMLInputElement>("color-native").value = targetColor ?? "#808080";
  find("color-remove").hidden = target === "stroke" || targetColor === null;
  find<HTMLButtonElement>("palette-clear").disabled = palette.length === 0;
}

/** Put new buttons in place; the one that had the focus keeps it. */
function refill(parent: HTMLElement, buttons: HTMLElement[]): void {
  const focused = [...parent.children].indexOf(document.activeElement!);
  parent.replaceChildren(...buttons);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)]?.focus();
}

function well(studio: Studio, target: Target, color: string | null): HTMLButtonElement {
  const label = `${targetLabel(target)}: ${color ? colorName(color) : "none, choose one"}`;
  const button = make("button", { className: "well", title: label }, color ? "" : "+");
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-pressed", String(studio.target === target));
  button.classList.toggle("main", target === 0);
  button.classList.toggle("empty", color === null);
  if (color) button.style.backgroundColor = color;
  button.addEventListener("click", () => {
    studio.chooseTarget(target);
    if (!color) find("color-text").focus(); // a name is typed next, and no shortcut
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    studio.chooseTarget(target);
    studio.removeColor();
  });
  return button;
}

/** The colours of palette and strokes, each once. */
function colorsInUse({ work }: Studio): string[] {
  const drawn = work.strokes.filter(({ tool }) => tool !== "eraser").map(({ color }) => color);
  return [...new Set([...work.palette, ...drawn])];
}

function swatch(studio: Studio, name: string, color = NAMES[name]): HTMLButtonElement {
  const button = make("button", { title: name });
  button.setAttribute("aria-label", name);
  button.style.backgroundColor = color;
  button.addEventListener("click", () => studio.setColor(color));
  return button;
}

function readyPalette(studio: Studio, palette: readonly string[]): HTMLButtonElement {
  const button = make("button", { title: palette.join(", ") }, ...palette.map((color) => {
    const part = make("i");
    part.style.backgroundColor = color;
    return part;
  }));
  button.setAttribute("aria-label", `Palette ${palette.join(", ")}`);
  button.addEventListener("click", () => studio.setPalette(palette));
  return button;
}

/** The field takes what is a colour at once, and says what is none when it is left. */
function watchText(studio: Studio): void {
  const text = find<HTMLInputElement>("color-text");
  text.addEventListener("input", () => {
    const color = parseColor(text.value);
    text.setAttribute("aria-invalid", String(!color && text.value.trim() !== ""));
    if (color && text.value.trim().length > 3) studio.setColor(color, "text"); // #ff8 may become #ff8000
  });
  text.addEventListener("change", () => {
    const color = parseColor(text.value);
    const typed = text.value.trim();
    if (!color && typed) return say(`“${typed}” is no colour here: try ${nearestName(typed)}, or #rrggbb.`);
    if (color) studio.setColor(color, "text");
    studio.history.seal();
    setText(text, studio.targetColor);
  });
  text.addEventListener("focus", () => text.select());
}

function setText(text: HTMLInputElement, color: string | null): void {
  text.value = color ? colorName(color) : "";
  text.placeholder = color ? "" : "left to the model";
  text.setAttribute("aria-invalid", "false");
}

/** Dragging in the mixer is one step of undo. */
function watchMixer(studio: Studio): void {
  const mixer = find<HTMLInputElement>("color-native");
  mixer.addEventListener("input", () => studio.setColor(mixer.value, "mixer"));
  mixer.addEventListener("change", () => {
    studio.setColor(mixer.value, "mixer");
    studio.history.seal();
  });
}

function watchImage(studio: Studio): void {
  find("palette-image").addEventListener("click", () => find("palette-file").click());
  watchField("palette-file", (file) => {
    if (file) decode(file).then(({ pixels }) => studio.setPalette(paletteFrom(pixels)), fail);
  });
}
