// CIELAB of sRGB colours under D65, with the constants of scikit-image.

export type Lab = readonly [lightness: number, a: number, b: number];

const XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const WHITE = [0.95047, 1, 1.08883];

/** `rgb` is in [0, 1]. */
export function rgbToLab(rgb: readonly [number, number, number]): Lab {
  const linear = rgb.map((value) => (value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92));
  const [x, y, z] = XYZ.map((row, axis) => {
    const share = row.reduce((sum, weight, channel) => sum + weight * linear[channel]!, 0) / WHITE[axis]!;
    return share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116;
  }) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
