// Systems of linear equations.

/** Solve `a` x = `b` for n × n `a` and n × k `b` by elimination with row pivoting; both are overwritten. */
export function solve(a: Float64Array, b: Float64Array, n: number, k: number): Float64Array {
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row;
    }
    swapRows(a, n, column, pivot);
    swapRows(b, k, column, pivot);
    for (let row = column + 1; row < n; row++) {
      const factor = a[row * n + column]! / a[column * n + column]!;
      for (let i = column; i < n; i++) a[row * n + i]! -= factor * a[column * n + i]!;
      for (let i = 0; i < k; i++) b[row * k + i]! -= factor * b[column * k + i]!;
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let i = 0; i < k; i++) {
      for (let j = row + 1; j < n; j++) b[row * k + i]! -= a[row * n + j]! * b[j * k + i]!;
      b[row * k + i]! /= a[row * n + row]!;
    }
  }
  return b;
}

function swapRows(values: Float64Array, width: number, one: number, other: number): void {
  for (let i = 0; i < width; i++) {
    [values[one * width + i], values[other * width + i]] = [values[other * width + i]!, values[one * width + i]!];
  }
}
