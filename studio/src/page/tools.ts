// The toolbar: which tool is at hand, and how wide it draws.
import { find } from "./dom.ts";
import { MAX_WIDTH, type Studio, type Tool } from "./studio.ts";

/** `[` and `]` change the width by this factor, and by a pixel at least. */
const STEP = 1.2;

export function watchTools(studio: Studio): void {
  const buttons = document.querySelectorAll<HTMLButtonElement>("[data-tool]");
  const slider = find<HTMLInputElement>("width");
  const value = find<HTMLOutputElement>("width-value");
  for (const button of buttons) button.addEventListener("click", () => studio.chooseTool(button.dataset.tool as Tool));
  slider.addEventListener("input", () => studio.chooseWidth(MAX_WIDTH ** (slider.valueAsNumber / 100)));

  const show = (): void => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.tool === studio.tool));
    slider.disabled = studio.tool === "pick";
    slider.value = String(Math.round((100 * Math.log(studio.widths[studio.tool])) / Math.log(MAX_WIDTH)));
    value.textContent = slider.disabled ? "" : `${studio.width} px`;
    slider.setAttribute("aria-valuetext", `${studio.width} pixels`);
  };
  studio.on(["session", "work"], show);
  show();
}

export function widen(studio: Studio, more: boolean): void {
  const { width } = studio;
  const wanted = more ? Math.max(width + 1, width * STEP) : Math.max(1, Math.min(width - 1, width / STEP));
  studio.chooseWidth(wanted / studio.widthScale);
}
