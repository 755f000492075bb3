/** A game's decoder module, as docs/architecture.md shows it: 16-bit samples to floats. */
export default function decodeWave(bytes, { label }) {
  if (bytes.length % 2 !== 0) throw new Error(`half a sample at the end of ${label}`);
  const view = new DataView(bytes.buffer);
  const samples = Float32Array.from(
    { length: bytes.length / 2 },
    (_, i) => view.getInt16(i * 2, true) / 32768,
  );
  return { value: { samples, rate: 8000 }, transfer: [samples.buffer] };
}
