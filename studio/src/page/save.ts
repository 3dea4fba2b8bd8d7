// Files for elsewhere: the image, its layers, the work.
import type { Coloring } from "./coloring.ts";
import { find, make } from "./dom.ts";
import { encodeOra } from "./ora.ts";
import { encodePng } from "./png.ts";
import { encodePsd } from "./psd.ts";
import { fail, say, showProgress } from "./status.ts";
import type { Studio } from "./studio.ts";
import { writeWork } from "./work_file.ts";

export type Format = "png" | "psd" | "ora" | "work";

const SUFFIX: Record<Format, string> = { png: "-colored.png", psd: ".psd", ora: ".ora", work: ".sketch2color.json" };

export function watchSaving(studio: Studio, coloring: Coloring): void {
  const menu = find("save-menu");
  const button = find("save");
  menu.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "open") return;
    const { left, bottom } = button.getBoundingClientRect();
    menu.style.left = `${Math.min(left, innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.top = `${bottom + 4}px`;
    menu.querySelector("button")!.focus();
  });
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement as HTMLButtonElement) + step + items.length) % items.length].focus();
  });
  for (const item of menu.querySelectorAll<HTMLButtonElement>("[data-export]")) {
    item.addEventListener("click", () => {
      menu.hidePopover();
      void save(studio, coloring, item.dataset.export as Format);
    });
  }
}

/** Write a file in the sketch's full size, and hand it to the browser's downloads. */
export async function save(studio: Studio, coloring: Coloring, format: Format): Promise<void> {
  const { sketch } = studio.work;
  if (!sketch) return fail(new Error("There is nothing to save yet: open a sketch."));
  const name = sketch.name + (format === "png" && studio.isFlat ? "-flat.png" : SUFFIX[format]);
  say(`Writing ${name} …`, true);
  try {
    const content = await encode(studio, coloring, format);
    download(name, new Blob([content]));
    say(`Saved ${name}.`);
  } catch (error) {
    fail(error);
  }
}

async function encode(studio: Studio, coloring: Coloring, format: Format): Promise<string | Uint8Array<ArrayBuffer>> {
  const { work } = studio;
  if (format === "work") return writeWork(work, work.sketch!);
  await coloring.settled();
  if (!coloring.colored || coloring.colored.isDraft) throw new Error("There is no image yet: wait until the sketch is coloured.");
  const { image, names } = coloring.colored;
  if (format === "png") return encodePng(image);
  const layers = await coloring.colorizer.layers(coloring.request(work));
  const hidden = coloring.hiddenOf(names);
  if (format === "psd") return encodePsd(layers, image, hidden);
  return encodeOra(layers, image, hidden, async (share) => {
    showProgress("Writing the layers …", share);
    await new Promise((resolve) => setTimeout(resolve)); // the page is drawn
  });
}

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the download may begin later
}
