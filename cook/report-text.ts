/** Figures and tables as text for people. */

/** Columns padded to equal width; the first and fifth are text, the others numbers. */
export function formatTable(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const isText = (c: number): boolean => c === 0 || rows[0]![c] === 'codec';
  return rows.map((row) =>
    row
      .map((cell, c) => (isText(c) ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
}

export function formatMeters(meters: number): string {
  if (meters < 0.01) return `${(meters * 1000).toPrecision(2)} mm`;
  if (meters < 1) return `${(meters * 100).toPrecision(2)} cm`;
  return `${meters < 10 ? meters.toFixed(1) : meters.toFixed(0)} m`;
}
