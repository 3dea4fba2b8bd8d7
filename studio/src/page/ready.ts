// Colours that are offered: named swatches, and palettes of the images that the bundled model learned from.

export const SWATCHES: readonly string[] = [
  "white", "lightgrey", "darkgrey", "dimgrey", "black", "saddlebrown",
  "tan", "beige", "gold", "darkorange", "orangered", "red",
  "crimson", "deeppink", "plum", "rebeccapurple", "navy", "royalblue",
  "dodgerblue", "skyblue", "teal", "seagreen", "yellowgreen", "olive",
];

/** `palette_from` of eight colour images of the data set `products`, training split. */
export const PALETTES: readonly (readonly string[])[] = [
  ["#2d60be", "#6b777f", "#192329", "#ccd1d8"],
  ["#312f29", "#538f61", "#e9c73a", "#aeb1ac"],
  ["#9d3526", "#a5b3c4", "#39363c"],
  ["#cec9c0", "#878586", "#353336", "#df7a35"],
  ["#4fa8a3", "#204c47", "#747a7d", "#d2dbdc"],
  ["#b2b0b5", "#3b1b56", "#444146", "#7850a1"],
  ["#f4e5ce", "#c9b28e", "#4e554f", "#3fa2a1"],
  ["#36393b", "#bbbdbd", "#737676", "#e3ca4a"],
];
