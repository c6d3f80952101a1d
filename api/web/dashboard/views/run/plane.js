// Points in the plane whose distances are like those of a matrix: classical scaling
// (Torgerson 1952), its two eigenvectors by power iteration. Pure.

const ROUNDS = 200;

/** A place [x, y] for each row, within `span` of the middle's both sides. O(n^2) a round. */
export function inThePlane(distance, span) {
  const n = distance.length;
  if (n === 1) return [[0, 0]];
  const squared = distance.map((row, i) => row.map((value, j) => ((Number(value) + Number(distance[j][i])) / 2) ** 2));
  const means = squared.map((row) => row.reduce((sum, value) => sum + value, 0) / n);
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  const centred = squared.map((row, i) => row.map((value, j) => -0.5 * (value - means[i] - means[j] + mean)));
  // Distances that no plane has make negative eigenvalues; moved up by this none is, so
  // that the largest is found and not the farthest from zero.
  const shift = Math.max(...centred.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0))) / 2;
  const first = leading(centred, shift, null);
  const second = leading(centred, shift, first);
  const scale = (axis) => axis.vector.map((part) => part * Math.sqrt(Math.max(axis.value, 0)));
  const [xs, ys] = [scale(first), scale(second)];
  const reach = Math.max(...xs.map(Math.abs), ...ys.map(Math.abs));
  // All locations alike, or none apart: a circle says no more than is known.
  if (!(reach > 0)) return xs.map((_, i) => [Math.cos((2 * Math.PI * i) / n) * (span / 2), Math.sin((2 * Math.PI * i) / n) * (span / 2)]);
  return xs.map((x, i) => [(x / reach) * (span / 2), (ys[i] / reach) * (span / 2)]);
}

function leading(matrix, shift, without) {
  let vector = matrix.map((_, i) => Math.sin(i * 12.9898 + (without ? 2 : 1)));
  let value = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (without) {
      const along = vector.reduce((sum, part, i) => sum + part * without.vector[i], 0);
      vector = vector.map((part, i) => part - along * without.vector[i]);
    }
    const next = matrix.map((row, i) => row.reduce((sum, entry, j) => sum + entry * vector[j], shift * vector[i]));
    const length = Math.hypot(...next);
    if (!(length > 0)) return { vector: vector.map(() => 0), value: 0 };
    const squares = vector.reduce((sum, part) => sum + part * part, 0);
    value = next.reduce((sum, part, i) => sum + part * vector[i], 0) / squares - shift;
    vector = next.map((part) => part / length);
  }
  return { vector, value };
}
