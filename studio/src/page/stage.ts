// The sketch on the screen: image, strokes that are being drawn, cursor.
import type { Pixels } from "../contract.ts";
import { startsWith } from "../engine/hints.ts";
import type { Stroke } from "../engine/strokes.ts";
import type { Coloring } from "./coloring.ts";
import { find, toCanvas } from "./dom.ts";
import type { Drawing } from "./drawing.ts";
import type { Studio } from "./studio.ts";
import { center, fit, keepInSight, type Size, toSketch, type View, zoomAt } from "./view.ts";

/** From this magnification on pixels are seen as squares. */
const SQUARES = 3;
/** CSS pixels of a square of the pattern behind transparent paper. */
const CHECK = 8;

export class Stage {
  readonly canvas = find<HTMLCanvasElement>("view");
  view: View = { scale: 1, x: 0, y: 0 };
  /** Where the pointer is over the stage. */
  pointer: readonly [x: number, y: number] | null = null;
  /** Where the keyboard draws, in pixels of the sketch. */
  crosshair: readonly [x: number, y: number] | null = null;
  /** Share of the stage's width that shows the sketch as it was, or null. */
  split: number | null = null;
  private readonly context = this.canvas.getContext("2d", { alpha: false })!;
  private readonly checks = checkerboard();
  private sketch: { readonly pixels: Pixels; readonly canvas: HTMLCanvasElement } | null = null;
  private image: HTMLCanvasElement | null = null;
  private shown: Pixels | null = null;
  private fitted = true;
  private waiting = false;
  private readonly moved: (() => void)[] = [];

  constructor(
    private readonly studio: Studio,
    private readonly coloring: Coloring,
    private readonly drawing: Drawing,
  ) {
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    studio.on(["work"], () => this.takeSketch());
    studio.on(["session"], () => this.redraw());
    coloring.onColored((colored) => {
      this.shown = colored?.image ?? null;
      this.image = colored ? toCanvas(colored.image, this.image ?? undefined) : this.image;
      this.redraw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  /** Be told when the view changes. */
  onMoved(listener: () => void): void {
    this.moved.push(listener);
  }

  get size(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  place(view: View): void {
    if (!this.sketch) return;
    this.fitted = false;
    this.show(keepInSight(view, this.sketch.pixels, this.size));
  }

  fit(): void {
    if (!this.sketch) return;
    this.fitted = true;
    this.show(fit(this.sketch.pixels, this.size));
  }

  actualSize(): void {
    if (this.sketch) this.place(center(this.sketch.pixels, this.size, 1));
  }

  /** Magnify round the middle. */
  zoom(factor: number): void {
    this.place(zoomAt(this.view, factor, this.size.width / 2, this.size.height / 2));
  }

  /** The place in the sketch under a place of the window. */
  locate(clientX: number, clientY: number): [x: number, y: number] {
    const { left, top } = this.canvas.getBoundingClientRect();
    return toSketch(this.view, clientX - left, clientY - top);
  }

  /** The colour that is seen at a place of the sketch, from the pixels: a canvas may have rounded it. */
  colorAt(x: number, y: number): readonly [number, number, number] | null {
    const stageX = x * this.view.scale + this.view.x;
    const isBefore = this.split !== null && stageX < this.split * this.size.width;
    const pixels = (!isBefore && this.shown) || this.sketch?.pixels;
    if (!pixels) return null;
    const scale = pixels.width / this.sketch!.pixels.width; // a draft is smaller
    const column = Math.floor(x * scale), row = Math.floor(y * scale);
    if (column < 0 || row < 0 || column >= pixels.width || row >= pixels.height) return null;
    const [red, green, blue, alpha] = pixels.data.subarray(4 * (row * pixels.width + column));
    const onWhite = (level: number): number => Math.round((level * alpha + 255 * (255 - alpha)) / 255);
    return [onWhite(red), onWhite(green), onWhite(blue)];
  }

  redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private show(view: View): void {
    this.view = view;
    this.redraw();
    for (const listener of this.moved) listener();
  }

  private takeSketch(): void {
    const pixels = this.studio.work.sketch?.pixels ?? null;
    if (pixels !== (this.sketch?.pixels ?? null)) {
      this.sketch = pixels && { pixels, canvas: toCanvas(pixels) };
      this.shown = null;
      this.image = null;
      this.fit();
    }
    this.redraw();
  }

  private resize(): void {
    const ratio = devicePixelRatio;
    this.canvas.width = Math.round(this.size.width * ratio);
    this.canvas.height = Math.round(this.size.height * ratio);
    if (this.fitted) this.fit();
    else this.place(this.view);
    this.draw(); // at once: a canvas of a new size is black
  }

  private draw(): void {
    const { context, sketch } = this;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = getComputedStyle(this.canvas.parentElement!).backgroundColor;
    context.fillRect(0, 0, this.size.width, this.size.height);
    if (!sketch) return;
    context.imageSmoothingEnabled = this.view.scale < SQUARES;
    context.imageSmoothingQuality = "medium";
    this.drawPaper(sketch.pixels);
    const split = this.split === null ? 0 : Math.round(this.split * this.size.width);
    this.drawImage(this.image ?? sketch.canvas, split, this.size.width);
    if (split) this.drawImage(sketch.canvas, 0, split);
    this.drawStrokes();
    this.drawCursor();
  }

  private drawPaper({ width, height }: Size): void {
    const { context } = this;
    const { x, y, scale } = this.view;
    context.save();
    context.shadowColor = "rgb(0 0 0 / 30%)";
    context.shadowBlur = 10 * devicePixelRatio;
    context.fillStyle = "#fff";
    context.fillRect(x, y, width * scale, height * scale);
    context.shadowColor = "transparent";
    context.fillStyle = context.createPattern(this.checks, "repeat")!;
    context.fillRect(x, y, width * scale, height * scale);
    context.restore();
  }

  private drawImage(image: HTMLCanvasElement, left: number, right: number): void {
    const { context } = this;
    const { x, y, scale } = this.view;
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, this.size.height);
    context.clip();
    const { width, height } = this.sketch!.pixels; // a draft is smaller
    context.drawImage(image, x, y, width * scale, height * scale);
    context.restore();
  }

  /** What is being drawn, and what the image does not show yet. */
  private drawStrokes(): void {
    const { strokes } = this.studio.work;
    const known = this.coloring.colored?.work.strokes ?? [];
    const fresh = startsWith(strokes, known) ? strokes.slice(known.length) : [];
    for (const stroke of this.drawing.stroke ? [...fresh, this.drawing.stroke] : fresh) this.drawStroke(stroke);
  }

  private drawStroke({ tool, color, points }: Stroke): void {
    const { context } = this;
    const { x, y, scale } = this.view;
    context.save();
    context.translate(x, y);
    context.scale(scale, scale);
    context.strokeStyle = context.fillStyle = tool === "eraser" ? "rgb(128 128 128 / 55%)" : color;
    context.lineCap = "round";
    const [startX, startY, startWidth] = points[0];
    context.beginPath();
    context.arc(startX, startY, startWidth / 2, 0, 2 * Math.PI);
    context.fill();
    for (let index = 1; index < points.length; index++) {
      const [fromX, fromY, fromWidth] = points[index - 1];
      const [toX, toY, toWidth] = points[index];
      context.lineWidth = (fromWidth + toWidth) / 2;
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
      context.stroke();
    }
    context.restore();
  }

  /** The stroke's width and colour at the pointer, or the crosshair: dark on light, so that both show on any colour. */
  private drawCursor(): void {
    const { context, view } = this;
    const place = this.crosshair ?? (this.pointer && toSketch(view, ...this.pointer));
    if (!place) return;
    const x = place[0] * view.scale + view.x, y = place[1] * view.scale + view.y;
    const radius = Math.max(2, (this.studio.width * view.scale) / 2);
    if (!this.crosshair && this.studio.tool !== "pick" && this.studio.tool !== "eraser") {
      context.fillStyle = this.studio.color;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
    for (const [color, width] of [["#fff", 3], ["#1d1e22", 1]] as const) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.beginPath();
      if (this.studio.tool !== "pick") context.arc(x, y, radius, 0, 2 * Math.PI);
      if (this.crosshair) {
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          context.moveTo(x + dx * (radius + 3), y + dy * (radius + 3));
          context.lineTo(x + dx * (radius + 15), y + dy * (radius + 15));
        }
      }
      context.stroke();
    }
  }
}

function checkerboard(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2 * CHECK;
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, 2 * CHECK, 2 * CHECK);
  context.fillStyle = "#e4e4e6";
  context.fillRect(0, 0, CHECK, CHECK);
  context.fillRect(CHECK, CHECK, CHECK, CHECK);
  return canvas;
}
