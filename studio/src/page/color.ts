// Colours as text: `#rrggbb`, or a name.
import type { Color } from "../contract.ts";
import { NAMES } from "./names.ts";

const TITLES = new Map(Object.entries(NAMES).map(([name, hex]) => [hex, name]));

/** `#rrggbb` of what somebody typed: a name, or hex of three or six digits with or without `#`; else null. */
export function parseColor(text: string): string | null {
  const plain = text.replace(/[\s-]/g, "").toLowerCase();
  const name = [plain, plain.replace("gray", "grey")].find((each) => Object.hasOwn(NAMES, each));
  if (name) return NAMES[name]!;
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(plain)?.[1];
  if (!digits) return null;
  return `#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits}`;
}

/** The name that needs the fewest letters changed to be what somebody typed. */
export function nearestName(text: string): string {
  const typed = text.toLowerCase().replace(/[^a-z]/g, "");
  const names = Object.keys(NAMES);
  const distances = names.map((name) => countEdits(typed, name));
  return names[distances.indexOf(Math.min(...distances))];
}

/** Levenshtein's distance: letters put in, taken out or changed. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (let at = 0; at < to.length; at++) {
      next.push(Math.min(row[at] + Number(letter !== to[at]), row[at + 1] + 1, next[at] + 1));
    }
    row = next;
  }
  return row[to.length];
}

/** The name of `#rrggbb` where it has one. */
export function colorName(hex: string): string {
  return TITLES.get(hex) ?? hex;
}

export function toLevels(hex: string): Color {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function toHex(color: Color): string {
  return `#${color.map((level) => Math.round(level).toString(16).padStart(2, "0")).join("")}`;
}
