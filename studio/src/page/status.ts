// What the studio says: quiet things in the status line, failures in a notice over the sketch.
import { find } from "./dom.ts";

export function say(message: string, busy = false): void {
  find("status").textContent = message;
  find("busy").hidden = !busy;
  find("busy").querySelector("p")!.textContent = message; // on a phone the status line is far from the sketch
  find("busy").querySelector("progress")!.removeAttribute("value");
}

/** Show how much of something is done, 0 to 1. */
export function showProgress(message: string, share: number): void {
  say(message, true);
  find("busy").querySelector("progress")!.value = share;
}

/** Tell that the image does not show the work yet. */
export function markBusy(isBusy: boolean): void {
  find("stage").setAttribute("aria-busy", String(isBusy));
}

export function fail(error: unknown): void {
  const notice = find("notice");
  notice.querySelector("p")!.textContent = error instanceof Error ? error.message : String(error);
  notice.hidden = false;
  say("");
}

export function watchNotice(): void {
  find("notice").querySelector("button")!.addEventListener("click", clearNotice);
}

export function clearNotice(): void {
  find("notice").hidden = true;
}
