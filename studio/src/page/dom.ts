// Short names for what every view does with the document.

/** The element of the page with this id. */
export function find<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element with properties set. Text only ever goes in as text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** An icon of the sprite in index.html. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Canvas that holds an image. `into` is used again if it fits. */
export function toCanvas(
  pixels: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> },
  into: HTMLCanvasElement = document.createElement("canvas"),
): HTMLCanvasElement {
  const { width, height, data } = pixels;
  if (into.width !== width) into.width = width;
  if (into.height !== height) into.height = height;
  into.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
  return into;
}
