/** Small helpers for building the overlay without a framework. */

/** Makes an element with a class, text and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Bytes in the unit that reads best: `312 MiB`. */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  if (mebibytes < 1) return `${Math.ceil(bytes / 1024)} KiB`;
  if (mebibytes >= 1024) return `${(mebibytes / 1024).toFixed(2)} GiB`;
  return mebibytes >= 10 ? `${mebibytes.toFixed(0)} MiB` : `${mebibytes.toFixed(1)} MiB`;
}

/** A count with thousands grouped. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A large count in millions: `8.3 M`. */
export function formatMillions(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : formatCount(count);
}
