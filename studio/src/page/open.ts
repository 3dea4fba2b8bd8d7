// How sketches and saved work come in: drop, paste, file, camera, samples.
import { decode } from "./decode.ts";
import { find } from "./dom.ts";
import { clearNotice, fail, say } from "./status.ts";
import type { Studio } from "./studio.ts";
import { readWork } from "./work_file.ts";

/** Open a file: a sketch, or a work file with or without its sketch. Throws an Error for the designer. */
export async function openFile(studio: Studio, file: File): Promise<void> {
  clearNotice();
  say("Opening …", true);
  if (/\.json$/i.test(file.name) || file.type === "application/json") return openWork(studio, file);
  const name = file.name.replace(/\.[^.]*$/, "") || "sketch";
  studio.open({ name, file, ...(await decode(file)) });
}

async function openWork(studio: Studio, file: File): Promise<void> {
  const { width, height, sketch, ...work } = readWork(await file.text());
  const name = file.name.replace(/(\.sketch2color)?\.json$/i, "") || "sketch";
  const opened = sketch ? { name, file: sketch, ...(await decode(sketch)) } : studio.work.sketch;
  if (!opened) throw new Error(`The work file has no sketch in it: open the sketch of ${width} × ${height} pixels first.`);
  const { pixels } = opened;
  if (pixels.width !== width || pixels.height !== height) {
    throw new Error(`The work file is for ${width} × ${height} pixels, and the sketch has ${pixels.width} × ${pixels.height}.`);
  }
  studio.open(opened, work);
}

/** Watch everything that a file can come from. */
export function watchOpening(studio: Studio): void {
  const open = (file: File | null | undefined): void => {
    if (file) openFile(studio, file).catch(fail);
  };
  for (const [button, field] of [["open", "file"], ["start-open", "file"], ["camera", "camera-file"]]) {
    find(button).addEventListener("click", () => find(field).click());
  }
  for (const field of ["file", "camera-file"]) watchField(field, open);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-sample]")) {
    button.addEventListener("click", () => void fetchSample(button.dataset.sample!).then(open, fail));
  }
  watchDrop(open);
  window.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    open(file);
  });
}

/** Hand over the file of an input field, which then is free for the same file again. */
export function watchField(id: string, open: (file: File | undefined) => void): void {
  const field = find<HTMLInputElement>(id);
  field.addEventListener("change", () => {
    open(field.files?.[0]);
    field.value = "";
  });
}

function watchDrop(open: (file: File | undefined) => void): void {
  const stage = find("stage");
  const mark = (isOver: boolean) => (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return; // text that is dragged within the page
    event.preventDefault();
    stage.classList.toggle("dropping", isOver);
  };
  window.addEventListener("dragover", mark(true));
  window.addEventListener("dragleave", mark(false));
  window.addEventListener("drop", (event) => {
    mark(false)(event);
    open(event.dataTransfer?.files[0]);
  });
}

async function fetchSample(name: string): Promise<File> {
  const response = await fetch(`samples/${name}.webp`);
  if (!response.ok) throw new Error(`The sample could not be loaded: ${response.status}.`);
  return new File([await response.blob()], `${name}.webp`, { type: "image/webp" });
}
