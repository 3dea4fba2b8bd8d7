// What the engine needs of a generator, whatever runs it.

export interface Model {
  /** Edge in pixels of the square images that the network sees. */
  readonly size: number;
  /** Palettes of the images it was trained on, 11 numbers each. */
  readonly palettes: readonly Float32Array[];
  /**
   * The layer of colour, 3 × F × F in [0, 1], of `ink`, `size`², and `fine`, F², both flattened, in [-1, 1].
   */
  run(ink: Float32Array, palette: Float32Array, fine: Float32Array, fineSize: number): Promise<Float32Array>;
}

export const MISFIT =
  "The model does not fit this page or is damaged: export it again with `dvc repro export`, then build the page again with `make studio`.";

const PALETTE = 11;
/** Edge that the network's strides divide. */
const STRIDE = 32;

export interface Description {
  readonly size: number;
  readonly palettes: Float32Array[];
  readonly sha256: string;
}

/** Read `generator.json`; fails with `MISFIT` for one of another format. */
export function checkDescription(json: unknown): Description {
  const { format, size, sha256, palettes } = (json ?? {}) as Record<string, unknown>;
  const isPalette = (row: unknown) => Array.isArray(row) && row.length === PALETTE && row.every(Number.isFinite);
  const fits =
    format === 1 &&
    Number.isInteger(size) && (size as number) > 0 && (size as number) % STRIDE === 0 &&
    typeof sha256 === "string" &&
    Array.isArray(palettes) && palettes.length > 0 && palettes.every(isPalette);
  if (!fits) throw new Error(MISFIT);
  return { size: size as number, sha256, palettes: (palettes as number[][]).map((row) => Float32Array.from(row)) };
}
