// The layers of the image, the highest first, each with an eye.
import { layerKey } from "../contract.ts";
import { colorName } from "./color.ts";
import type { Colored, Coloring } from "./coloring.ts";
import { find, icon, make } from "./dom.ts";
import type { Studio } from "./studio.ts";

/** What a layer is for; the names of flat layers have their colour. */
const MEANING: Record<string, string> = {
  paper: "the ground", color: "as the model coloured it", strokes: "brush and line",
  shade: "multiply", light: "screen", sketch: "the lines",
};

export function watchLayers(studio: Studio, coloring: Coloring): void {
  const list = find("layers");
  const flat = find("flat");
  flat.addEventListener("click", () => studio.toggleFlat());
  const show = (colored: Colored | null): void => {
    if (studio.work.sketch && (!colored || colored.isDraft)) return; // they are on their way
    const focused = [...list.children].findIndex((each) => each.contains(document.activeElement));
    const rows = [...(colored?.names ?? [])].reverse().map((name) => row(studio, name));
    list.replaceChildren(...rows);
    rows[focused]?.querySelector("button")!.focus();
    flat.setAttribute("aria-pressed", String(studio.isFlat));
  };
  coloring.onColored(show);
  studio.on(["layers"], () => show(coloring.colored));
}

/** The colour of a flat layer: of the palette it is changed next, another is taken for the tools. */
function chip(studio: Studio, index: number, color: string): HTMLButtonElement {
  const inPalette = index < studio.work.palette.length;
  const title = inPalette ? `Change ${colorName(color)}` : `Draw with ${colorName(color)}`;
  const button = make("button", { className: "chip", title });
  button.setAttribute("aria-label", title);
  button.style.backgroundColor = color;
  button.addEventListener("click", () => {
    studio.chooseTarget(inPalette ? index : "stroke");
    if (inPalette) find("color-text").focus();
    else studio.setColor(color);
  });
  return button;
}

function row(studio: Studio, name: string): HTMLLIElement {
  const key = layerKey(name);
  const isShown = !studio.hidden.has(key);
  const color = key === name ? null : name.slice(-7);
  const button = make("button", { title: isShown ? "Hide" : "Show" }, icon(isShown ? "eye" : "no-eye"));
  button.setAttribute("aria-label", `${key} layer`);
  button.setAttribute("aria-pressed", String(isShown));
  button.addEventListener("click", () => studio.toggleLayer(key));
  return make(
    "li",
    { className: isShown ? "" : "off" },
    button,
    ...(color ? [chip(studio, Number(key.replace("flat ", "")) - 1, color)] : []),
    make("span", { className: "label" }, key),
    make("span", { className: "blend" }, color ? colorName(color) : (MEANING[key] ?? "")),
  );
}
