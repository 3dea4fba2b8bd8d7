// Every command that has a key. The help page is written from this table.

export interface Command {
  /** As they are shown; the first character of a key with a name is upper case. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly run?: () => void;
}

/** `Ctrl+Shift+Z` of a key press; Shift counts only with letters and names, and Cmd is Ctrl. */
export function keyOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string {
  const { key } = event;
  const named = key.length === 1 ? key.toUpperCase() : key;
  const isLetter = /^[A-Z]$/.test(named) || key.length > 1;
  return [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey && isLetter ? "Shift+" : "",
    named === "-" ? "−" : named === "=" ? "+" : named,
  ].join("");
}

export function watchKeys(commands: readonly Command[]): void {
  const table = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command.run] as const)));
  window.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (event.defaultPrevented || isTyping || document.querySelector("dialog[open]")) return;
    const run = table.get(keyOf(event));
    if (!run) return;
    event.preventDefault();
    run();
  });
}
