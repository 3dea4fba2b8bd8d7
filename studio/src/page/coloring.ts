// Keeps the image that is shown in step with the work: one call at a time, and of what changed meanwhile only the last.
import { type Colorizer, layerKey, type Pixels, type StrokeRequest } from "../contract.ts";
import { toLevels } from "./color.ts";
import { clearNotice, fail, markBusy, say } from "./status.ts";
import type { Studio } from "./studio.ts";
import type { Sketch, Work } from "./work.ts";

/** Pixels of a sketch above which a designer sees a draft before the image in full size. */
const LARGE = 1.5e6;
/** The draft's longer side in pixels. */
const DRAFT = 1024;

export interface Colored {
  readonly work: Work;
  readonly image: Pixels;
  /** Of layers, the lowest first. */
  readonly names: readonly string[];
  /** Whether `image` is smaller than the sketch, which is a large one. */
  readonly isDraft: boolean;
}

export class Coloring {
  colored: Colored | null = null;
  private opened: Sketch | null = null;
  private loop: Promise<void> | null = null;
  private again = false;
  /** Gives up the image in full size behind a draft. */
  private refining: AbortController | null = null;
  private readonly listeners: ((colored: Colored | null) => void)[] = [];

  constructor(
    private readonly studio: Studio,
    readonly colorizer: Colorizer,
  ) {
    studio.on(["work", "layers"], () => this.update());
  }

  onColored(listener: (colored: Colored | null) => void): void {
    this.listeners.push(listener);
  }

  /** The request that the work makes, for another variant if one is given. */
  request(work: Work, variant = work.variant): StrokeRequest {
    return { palette: work.palette.map(toLevels), variant, strokes: work.strokes };
  }

  hiddenOf(names: readonly string[]): Set<string> {
    return new Set(names.filter((name) => this.studio.hidden.has(layerKey(name))));
  }

  /** Resolves once the image shows the work, or could not be made. */
  async settled(): Promise<void> {
    await this.loop;
  }

  private update(): void {
    this.again = true;
    this.refining?.abort();
    this.loop ??= this.run().finally(() => {
      this.loop = null;
      markBusy(false);
    });
    markBusy(true);
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.color(this.studio.work).catch(fail);
    }
  }

  private async color(work: Work): Promise<void> {
    const { sketch } = work;
    if (!sketch) {
      this.show(null);
      return say(this.studio.message);
    }
    if (sketch !== this.opened) {
      this.opened = null;
      this.show(null);
      say("Looking at the sketch …", true);
      this.studio.parts = null;
      this.studio.parts = await this.colorizer.open(sketch.pixels);
      this.opened = sketch;
      if (this.again) return;
    }
    const request = this.request(work);
    const hidden = new Set(this.studio.hidden);
    this.refining = null;
    if (sketch.pixels.width * sketch.pixels.height > LARGE) {
      const draft = await this.colorizer.render(request, { hidden, edge: DRAFT });
      if (draft && sketch === this.studio.work.sketch) this.show({ work, ...draft, isDraft: true });
      if (this.again) return;
      this.refining = new AbortController();
    }
    const rendered = await this.colorizer.render(request, { hidden }, this.refining?.signal);
    if (!rendered || sketch !== this.studio.work.sketch) return;
    clearNotice();
    this.show({ work, ...rendered, isDraft: false });
    say(this.studio.message);
  }

  private show(colored: Colored | null): void {
    this.colored = colored;
    for (const listener of this.listeners) listener(colored);
  }
}
