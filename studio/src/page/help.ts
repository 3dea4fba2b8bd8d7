// The help page: a dialog of one screen.
import type { Command } from "./commands.ts";
import { find, make } from "./dom.ts";

export function watchHelp(commands: readonly Command[]): { readonly show: () => void } {
  const page = find<HTMLDialogElement>("help-page");
  for (const { keys, label } of commands) {
    find("shortcuts").append(make("div", {}, make("dt", {}, ...keys.map((key) => make("kbd", {}, key))), make("dd", {}, label)));
  }
  const show = (): void => page.showModal();
  find("help").addEventListener("click", show);
  find("help-close").addEventListener("click", () => page.close());
  page.addEventListener("click", (event) => {
    if (event.target === page) page.close(); // the ground behind it
  });
  return { show };
}
