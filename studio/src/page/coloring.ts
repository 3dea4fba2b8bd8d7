// Keeps the image that is shown in step with the work: one call at a time, and of what changed meanwhile only the last.
import type { Colorizer, Pixels, Request } from "../contract.ts";
import { toLevels } from "./color.ts";
import { HintArrays } from "./hints.ts";
import { clearNotice, fail, markBusy, say } from "./status.ts";
import { layerKey, type Studio } from "./studio.ts";
import type { Sketch, Work } from "./work.ts";

export interface Colored {
  readonly work: Work;
  readonly image: Pixels;
  /** Of layers, the lowest first; null while the image is shown already, and they are asked for. */
  readonly names: readonly string[] | null;
}

export class Coloring {
  colored: Colored | null = null;
  private opened: Sketch | null = null;
  private loop: Promise<void> | null = null;
  private again = false;
  private readonly hints = new HintArrays();
  private readonly listeners: ((colored: Colored | null) => void)[] = [];

  constructor(
    private readonly studio: Studio,
    readonly colorizer: Colorizer,
    private readonly loaded: Promise<unknown>,
  ) {
    studio.on(["work", "layers"], () => this.update());
  }

  onColored(listener: (colored: Colored | null) => void): void {
    this.listeners.push(listener);
  }

  /** The request that the work makes, for another variant if one is given. */
  request(work: Work, variant = work.variant): Request {
    const { fill, paint } = work.sketch ? this.hints.of(work.strokes, work.sketch.pixels) : { fill: null, paint: null };
    return { palette: work.palette.map(toLevels), variant, fill, paint };
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
    if (!sketch) return this.show(null);
    if (sketch !== this.opened) {
      this.opened = null;
      this.show(null);
      say("Looking at the sketch …", true);
      await this.loaded;
      await this.colorizer.open(sketch.pixels);
      this.opened = sketch;
    }
    const request = this.request(work);
    const names = this.studio.hidden.size ? await this.colorizer.names(request) : null;
    const image = await this.colorizer.render(request, this.hiddenOf(names ?? []));
    if (!image) return;
    clearNotice();
    this.show({ work, image, names });
    if (!names && !this.again) this.show({ work, image, names: await this.colorizer.names(request) });
    say("Coloured.");
  }

  private show(colored: Colored | null): void {
    this.colored = colored;
    for (const listener of this.listeners) listener(colored);
  }
}
