// Where the sketch is on the screen: pixel p of it at p · scale + offset, in CSS pixels of the stage.

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SCALE = 0.02;
const MAX_SCALE = 32;
/** CSS pixels left free round a sketch that is fitted. */
const MARGIN = 24;

/** The view in which all of `sketch` is seen in the middle of `stage`. */
export function fit(sketch: Size, stage: Size): View {
  const margin = Math.min(MARGIN, stage.width / 20);
  const wanted = Math.min((stage.width - 2 * margin) / sketch.width, (stage.height - 2 * margin) / sketch.height);
  return center(sketch, stage, Math.min(8, clampScale(wanted)));
}

export function center(sketch: Size, stage: Size, scale: number): View {
  return { scale, x: (stage.width - sketch.width * scale) / 2, y: (stage.height - sketch.height * scale) / 2 };
}

/** The view magnified by `factor`; what is at (x, y) of the stage stays there. */
export function zoomAt(view: View, factor: number, x: number, y: number): View {
  const scale = clampScale(view.scale * factor);
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

/** The view moved so that at least a corner of the sketch stays on the stage: it cannot be lost. */
export function keepInSight(view: View, sketch: Size, stage: Size): View {
  const limit = (offset: number, length: number, room: number): number => {
    const least = Math.min(length * view.scale, room) / 4;
    return Math.min(room - least, Math.max(least - length * view.scale, offset));
  };
  return { ...view, x: limit(view.x, sketch.width, stage.width), y: limit(view.y, sketch.height, stage.height) };
}

/** The place in the sketch that is at (x, y) of the stage. */
export function toSketch(view: View, x: number, y: number): [x: number, y: number] {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

function clampScale(scale: number): number {
  return Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));
}
