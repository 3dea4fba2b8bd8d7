// Work stays in this browser by itself: a reload goes on where it was.
import { decode } from "./decode.ts";
import { find } from "./dom.ts";
import { fail } from "./status.ts";
import { keep, recall } from "./storage.ts";
import type { Studio } from "./studio.ts";

/** Milliseconds after the last change. */
const CALM = 300;

export function watchWork(studio: Studio): void {
  let timer = 0;
  const store = (): void => {
    clearTimeout(timer);
    timer = 0;
    keep(studio.work).catch(cannotKeep);
  };
  studio.on(["work"], () => {
    clearTimeout(timer);
    timer = window.setTimeout(store, CALM);
  });
  document.addEventListener("visibilitychange", () => {
    if (timer) store(); // the page may be closed at once
  });
}

/** Go on where the browser was left. A sketch that was opened meanwhile comes first. */
export async function restore(studio: Studio): Promise<void> {
  const stored = await recall().catch(cannotKeep);
  if (!stored || studio.work.sketch) return;
  const { name, file, ...work } = stored;
  try {
    const decoded = await decode(file);
    if (!studio.work.sketch) studio.begin({ ...work, sketch: { name, file, ...decoded } });
  } catch (error) {
    fail(error);
  }
}

/** Private windows keep nothing, and a full disk. */
function cannotKeep(): undefined {
  find("not-kept").hidden = false;
}
