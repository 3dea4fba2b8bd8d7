// Colours as text: `#rrggbb`, or a CSS name.
import type { Color } from "../contract.ts";
import { NAMES } from "./names.ts";

const TITLES = new Map(Object.entries(NAMES).map(([name, hex]) => [hex, name]));

/** `#rrggbb` of what somebody typed: a CSS name, or hex of three or six digits with or without `#`; else null. */
export function parseColor(text: string): string | null {
  const plain = text.replace(/\s/g, "").toLowerCase();
  if (Object.hasOwn(NAMES, plain)) return NAMES[plain]!;
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(plain)?.[1];
  if (!digits) return null;
  return `#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits}`;
}

/** The CSS name of `#rrggbb` where it has one. */
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
