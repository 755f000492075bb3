/** The few matrix operations that baking transforms needs. Matrices are 16 numbers, by columns. */

type Matrix = ArrayLike<number>;

/** Transforms points (x, y, z each) in place. */
export function applyMatrix(m: Matrix, points: Float32Array): void {
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    points[i] = m[0]! * x + m[4]! * y + m[8]! * z + m[12]!;
    points[i + 1] = m[1]! * x + m[5]! * y + m[9]! * z + m[13]!;
    points[i + 2] = m[2]! * x + m[6]! * y + m[10]! * z + m[14]!;
  }
}

/** Transforms unit normals in place by the inverse transpose, up to length, and renormalizes. */
export function applyNormalMatrix(m: Matrix, normals: Float32Array): void {
  const sign = determinant(m) < 0 ? -1 : 1;
  // The cofactor matrix is the inverse transpose times the determinant.
  const c = [
    m[5]! * m[10]! - m[6]! * m[9]!,
    m[6]! * m[8]! - m[4]! * m[10]!,
    m[4]! * m[9]! - m[5]! * m[8]!,
    m[2]! * m[9]! - m[1]! * m[10]!,
    m[0]! * m[10]! - m[2]! * m[8]!,
    m[1]! * m[8]! - m[0]! * m[9]!,
    m[1]! * m[6]! - m[2]! * m[5]!,
    m[2]! * m[4]! - m[0]! * m[6]!,
    m[0]! * m[5]! - m[1]! * m[4]!,
  ];
  for (let i = 0; i < normals.length; i += 3) {
    const [x, y, z] = [normals[i]! * sign, normals[i + 1]! * sign, normals[i + 2]! * sign];
    normals[i] = c[0]! * x + c[3]! * y + c[6]! * z;
    normals[i + 1] = c[1]! * x + c[4]! * y + c[7]! * z;
    normals[i + 2] = c[2]! * x + c[5]! * y + c[8]! * z;
  }
  normalize(normals);
}

/**
 * Turns tangents (x, y, z, side) in place; a transform that mirrors puts the bitangent on the other
 * side.
 */
export function applyTangentMatrix(m: Matrix, tangents: Float32Array): void {
  const sign = determinant(m) < 0 ? -1 : 1;
  for (let i = 0; i < tangents.length; i += 4) {
    const [x, y, z] = [tangents[i]!, tangents[i + 1]!, tangents[i + 2]!];
    const tx = m[0]! * x + m[4]! * y + m[8]! * z;
    const ty = m[1]! * x + m[5]! * y + m[9]! * z;
    const tz = m[2]! * x + m[6]! * y + m[10]! * z;
    const length = Math.hypot(tx, ty, tz) || 1;
    tangents[i] = tx / length;
    tangents[i + 1] = ty / length;
    tangents[i + 2] = tz / length;
    tangents[i + 3] = (tangents[i + 3]! < 0 ? -1 : 1) * sign;
  }
}

/** Scales every x, y, z to length 1; what has no length points up. */
export function normalize(vectors: Float32Array): void {
  for (let i = 0; i < vectors.length; i += 3) {
    const length = Math.hypot(vectors[i]!, vectors[i + 1]!, vectors[i + 2]!);
    if (length > 0 && Number.isFinite(length)) {
      vectors[i] = vectors[i]! / length;
      vectors[i + 1] = vectors[i + 1]! / length;
      vectors[i + 2] = vectors[i + 2]! / length;
    } else {
      vectors[i] = 0;
      vectors[i + 1] = 1;
      vectors[i + 2] = 0;
    }
  }
}

/** Determinant of the upper 3 x 3; negative where the transform mirrors. */
export function determinant(m: Matrix): number {
  return (
    m[0]! * (m[5]! * m[10]! - m[6]! * m[9]!) -
    m[4]! * (m[1]! * m[10]! - m[2]! * m[9]!) +
    m[8]! * (m[1]! * m[6]! - m[2]! * m[5]!)
  );
}

/** a · b. */
export function multiply(a: Matrix, b: Matrix): Float64Array {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[k * 4 + row]! * b[column * 4 + k]!;
      out[column * 4 + row] = sum;
    }
  return out;
}
