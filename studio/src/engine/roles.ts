// Which part of a sketch takes which colour of a palette. As `sketch2color.colorize.roles`.
import type { Color } from "../contract.ts";
import { type Lab, rgbToLab } from "./lab.ts";

/** Weight of lightness against hue and chroma where colours of parts are compared: much of it is shade. */
const LIGHTNESS = 0.5;
const ITERATIONS = 20;

/** A part's colour as the network painted it, in [0, 1], and its painted pixels, above 0. */
export interface Painted {
  readonly color: readonly [number, number, number];
  readonly area: number;
}

/**
 * For each part the index of its colour in the palette. Parts that the network painted alike take one colour. The
 * main colour takes the group of parts with the largest area; the darkest accent takes the darkest of the other
 * groups, and so on. Variants after 0 give the colours to other groups, then to one group more, where the largest and
 * another take the main colour.
 */
export function assignColors(parts: readonly Painted[], palette: readonly Color[], variant: number): number[] {
  const labs = parts.map(({ color }) => rgbToLab(color));
  const areas = parts.map(({ area }) => area);
  const points = labs.map(([l, a, b]): Lab => [l * LIGHTNESS, a, b]);
  const colors = arrange(palette.length, variant);
  const groups = groupColors(points, areas, colors.length);
  const total = colors.map(() => 0);
  const lightness = colors.map(() => 0);
  groups.forEach((group, part) => {
    total[group]! += areas[part]!;
    lightness[group]! += areas[part]! * labs[part]![0];
  });
  const others = sortBy(range(colors.length), (group) => -total[group]!).slice(1);
  const wanted = [...palette, palette[0]!].map(([r, g, b]) => rgbToLab([r / 255, g / 255, b / 255])[0]);
  const darkestFirst = sortBy(others, (group) => lightness[group]! / Math.max(total[group]!, 1e-9));
  const accents = sortBy(range(colors.length).slice(1), (index) => wanted[index]!);
  const chosen = colors.map(() => 0);
  darkestFirst.forEach((group, at) => (chosen[group] = accents[at]!));
  return groups.map((group) => colors[chosen[group]!]!);
}

/** Sort by a number of each, the least first; equal ones keep their order. */
function sortBy(values: readonly number[], key: (value: number) => number): number[] {
  return [...values].sort((a, b) => key(a) - key(b));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** How a variant orders so many colours; after all orders come those of one group more. */
function arrange(count: number, variant: number): number[] {
  const orders = factorial(count);
  const order = permutation(count, variant % orders);
  return variant % (2 * orders) < orders ? order : [0, ...order];
}

function factorial(count: number): number {
  return range(count).reduce((product, number) => product * (number + 1), 1);
}

/** The numbers below `count` in their `index`-th order, orders sorted as words are. */
function permutation(count: number, index: number): number[] {
  const rest = range(count);
  const result: number[] = [];
  for (let left = count, code = index; left > 0; left--) {
    const orders = factorial(left - 1);
    result.push(...rest.splice(Math.floor(code / orders), 1));
    code %= orders;
  }
  return result;
}

/**
 * For each point one of `count` groups: weighted k-means that starts with the heaviest point and then those farthest
 * from all before.
 */
export function groupColors(points: readonly Lab[], weights: readonly number[], count: number): number[] {
  const centers = [points[largest(weights)]!];
  while (centers.length < count) {
    centers.push(points[largest(points.map((point, at) => Math.min(...centers.map((center) => square(point, center))) * weights[at]!))]!);
  }
  let groups: number[] = [];
  for (let i = 0; i < ITERATIONS; i++) {
    groups = points.map((point) => largest(centers.map((center) => -square(point, center))));
    for (let group = 0; group < count; group++) centers[group] = mean(points, weights, groups, group) ?? centers[group]!;
  }
  return groups;
}

function mean(points: readonly Lab[], weights: readonly number[], groups: readonly number[], group: number): Lab | null {
  const sum: [number, number, number, number] = [0, 0, 0, 0];
  groups.forEach((each, at) => {
    if (each !== group) return;
    points[at]!.forEach((value, axis) => (sum[axis]! += value * weights[at]!));
    sum[3] += weights[at]!;
  });
  return sum[3] ? [sum[0] / sum[3], sum[1] / sum[3], sum[2] / sum[3]] : null;
}

function square(one: Lab, other: Lab): number {
  return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2;
}

function largest(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > values[best]! ? at : best), 0);
}
