// Six variants as thumbnails: ways to give the palette to the parts, or of the model to colour them.
import type { Coloring, Colored } from "./coloring.ts";
import { find, make, toCanvas } from "./dom.ts";
import { fail } from "./status.ts";
import type { Studio } from "./studio.ts";

const COUNT = 6;
/** Pixels of a thumbnail's longer side: sharp on dense screens. */
const EDGE = 200;
/** Milliseconds without a change before thumbnails are made: they must not delay the next image. */
const CALM = 250;

export function watchVariants(studio: Studio, coloring: Coloring, loaded: Promise<{ readonly variants: number }>): void {
  const list = find("variants");
  let timer = 0;
  let modelVariants = 0;
  loaded.then(({ variants }) => { modelVariants = variants; }, () => {}); // who loads it tells why it failed

  const update = (colored: Colored | null): void => {
    clearTimeout(timer);
    const count = colored ? countVariants(colored.work.palette.length, modelVariants) : 0;
    find("variants-note").textContent = note(studio, count);
    while (list.children.length > count) list.lastElementChild!.remove();
    while (list.children.length < count) list.append(thumbnail(studio, list.children.length));
    mark(studio, list);
    if (colored) timer = window.setTimeout(() => void draw(colored, count).catch(fail), CALM);
  };
  const draw = async (colored: Colored, count: number): Promise<void> => {
    for (let variant = 0; variant < count; variant++) {
      const image = await coloring.colorizer.preview(coloring.request(colored.work, variant), EDGE);
      if (coloring.colored !== colored) return; // the work went on
      list.children[variant].querySelector("canvas")!.replaceWith(toCanvas(image));
    }
  };
  coloring.onColored((colored) => {
    if (!colored?.isDraft) update(colored); // null while another sketch is looked at
  });
  studio.on(["work"], () => mark(studio, list));
  update(null);
}

/** Two colours can be given to groups of parts in 4 ways, more in 12 at least; without any the model has its own. */
export function countVariants(colors: number, modelVariants: number): number {
  const ways = [modelVariants, 1, 4][colors] ?? COUNT;
  return ways < 2 ? 0 : Math.min(COUNT, ways);
}

function note(studio: Studio, count: number): string {
  if (count || !studio.work.palette.length) return "";
  return "Add an accent: then colours can change places.";
}

function thumbnail(studio: Studio, variant: number): HTMLButtonElement {
  const button = make("button", { title: `Variant ${variant + 1}` }, make("canvas", { width: 1, height: 1 }), make("span", {}, String(variant + 1)));
  button.setAttribute("aria-label", `Variant ${variant + 1}`);
  button.addEventListener("click", () => studio.edit({ variant }));
  return button;
}

function mark(studio: Studio, list: HTMLElement): void {
  [...list.children].forEach((child, variant) => {
    child.setAttribute("aria-pressed", String(variant === studio.work.variant));
  });
}
